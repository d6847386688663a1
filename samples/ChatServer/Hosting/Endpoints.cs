using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Presence.Udp;

namespace ChatServer;

/// <summary>Where the server listens. Once it has started, the ports are the real ones, also where the settings say 0.</summary>
internal sealed class Endpoints(IOptions<ChatOptions> options, TimeProvider timeProvider, UdpHeartbeatListener? signedHeartbeats = null)
    : IConfigureOptions<KestrelServerOptions>, IConfigureOptions<SocketTransportOptions>, IDisposable
{
    private readonly ChatOptions _options = options.Value;
    private readonly X509Certificate2? _certificate = ServerCertificate.Load(options.Value, timeProvider);
    private ListenOptions? _tcp;
    private ListenOptions? _http;
    private int _udpPort = options.Value.UdpPort;

    /// <summary>All addresses of this machine, of IPv6 and IPv4 alike.</summary>
    public static IPAddress Any => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    public int TcpPort => _tcp?.IPEndPoint?.Port ?? _options.TcpPort;

    public int HttpPort => _http?.IPEndPoint?.Port ?? _options.HttpPort;

    public int UdpPort
    {
        get => signedHeartbeats?.LocalEndPoint?.Port ?? _udpPort;
        set => _udpPort = value;
    }

    public bool HasTls => _certificate is not null;

    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.Listen(Any, _options.TcpPort, tcp =>
        {
            _tcp = tcp;
            if (_certificate is not null)
            {
                tcp.UseHttps(_certificate); // which is TLS, whatever is spoken inside
            }

            tcp.UseConnectionHandler<ChatHandler>();
        });

        if (_options.HttpPort == 0)
        {
            kestrel.Listen(IPAddress.Loopback, 0, http => _http = http); // "localhost" is two addresses, which may have no free port in common
        }
        else
        {
            kestrel.ListenLocalhost(_options.HttpPort);
        }
    }

    public void Configure(SocketTransportOptions sockets)
    {
        // What one connection can make the server hold, in each direction.
        sockets.MaxReadBufferSize = 4 * ChatOptions.MaxLineBytes;
        sockets.MaxWriteBufferSize = _options.MaxUnsentBytes;
    }

    public void Dispose() => _certificate?.Dispose();
}
