using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace ChatServer;

/// <summary>Kestrel's sockets, where not everyone is accepted.</summary>
internal sealed class AdmittingTransport(IOptions<SocketTransportOptions> sockets, ILoggerFactory loggerFactory, Admission chat, OpenFilesGrant granted, TimeProvider timeProvider)
    : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(sockets, loggerFactory);
    private readonly Admission _page = new(granted.Page, granted.Page);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var ip = (IPEndPoint)endpoint;
        bool isChat = ip.Address.Equals(Endpoints.Any); // the page is for this machine only
        try
        {
            return new AdmittingListener(await _sockets.BindAsync(endpoint, cancellationToken), isChat ? chat : _page, timeProvider);
        }
        catch (Exception exception) when (exception is AddressInUseException or SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new StartException(Complaints.Port("TCP", ip.Port, isChat ? "--tcp-port" : "--http-port", exception is AddressInUseException), exception);
        }
    }
}
