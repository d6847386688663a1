using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>Makes the socket that heartbeats are received on.</summary>
internal static class HeartbeatSocket
{
    /// <summary>How long a read waits at most, and with it how long a stop takes to be noticed.</summary>
    public static readonly TimeSpan ReceiveTimeout = TimeSpan.FromMilliseconds(100);

    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    /// <summary>Makes the socket, and says where to bind it.</summary>
    public static (Socket Socket, IPEndPoint EndPoint) Create(UdpHeartbeatOptions options)
    {
        var endPoint = new IPEndPoint(options.EndPoint.Address, options.EndPoint.Port); // a copy, for it can be changed
        if (endPoint.Address.Equals(IPAddress.IPv6Any) && options.DualMode && !Socket.OSSupportsIPv6)
        {
            endPoint = new IPEndPoint(IPAddress.Any, endPoint.Port);
        }

        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = options.DualMode;
            }

            if (OperatingSystem.IsWindows())
            {
                socket.IOControl(SioUdpConnReset, new byte[sizeof(int)], null); // or else an ICMP error fails the next read
            }

            socket.ReceiveBufferSize = options.ReceiveBufferSize;
            socket.ReceiveTimeout = (int)ReceiveTimeout.TotalMilliseconds;
            return (socket, endPoint);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The receive buffer that the system granted, in the bytes that were asked for: Linux answers twice of that.</summary>
    public static int GrantedBuffer(Socket socket) => OperatingSystem.IsLinux() ? socket.ReceiveBufferSize / 2 : socket.ReceiveBufferSize;
}
