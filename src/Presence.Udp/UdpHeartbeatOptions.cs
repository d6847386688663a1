using System.Net;

namespace Presence.Udp;

/// <summary>How heartbeats are received. Every default is safe; a listener copies what it is given.</summary>
/// <remarks>Thread safety: not for concurrent change; set it up before handing it over.</remarks>
public sealed class UdpHeartbeatOptions
{
    /// <summary>The smallest receive buffer: 4 KiB.</summary>
    public const int MinReceiveBufferSize = 4 * 1024;

    /// <summary>The largest receive buffer: 1 GiB, of which Linux reckons twice.</summary>
    public const int MaxReceiveBufferSize = 1024 * 1024 * 1024 - 1;

    /// <summary>The most threads that can receive: 64.</summary>
    public const int MaxReceiveThreads = 64;

    /// <summary>
    /// Where to listen. Default every address of the host, port 8080; port 0 takes a free one, for tests. An IPv4 address receives IPv4 only, and an IPv6
    /// address IPv6, unless <see cref="DualMode"/> says both.
    /// </summary>
    public IPEndPoint EndPoint { get; set; } = new(IPAddress.IPv6Any, 8080);

    /// <summary>
    /// Whether an IPv6 socket receives IPv4 as well. Default true, which on a host without IPv6 makes the default <see cref="EndPoint"/> an IPv4 one.
    /// </summary>
    public bool DualMode { get; set; } = true;

    /// <summary>
    /// Threads that receive. Default null, which is one for each processor, up to 4; from 1 to <see cref="MaxReceiveThreads"/>. On Linux each has a socket of its own, with a receive buffer of its
    /// own, and the kernel sends each client to one of them, by its address. Elsewhere they take turns at one socket.
    /// </summary>
    public int? ReceiveThreads { get; set; }

    /// <summary>
    /// The receive buffer to ask the system for, in bytes. Default 4 MiB, from <see cref="MinReceiveBufferSize"/> to
    /// <see cref="MaxReceiveBufferSize"/>. If it grants less, that is logged with the setting to raise.
    /// </summary>
    public int ReceiveBufferSize { get; set; } = 4 * 1024 * 1024;
}
