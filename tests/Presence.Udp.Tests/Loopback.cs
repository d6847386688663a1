using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>What tests over real sockets share.</summary>
internal static class Loopback
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public static IPEndPoint AnyPort => new(IPAddress.Loopback, 0);

    /// <summary>One thread, so that datagrams are taken in the order in which they were sent.</summary>
    public static UdpHeartbeatOptions Options => new() { EndPoint = AnyPort, ReceiveThreads = 1 };

    /// <summary>What a system has that offers no more than others: no filter, and no socket for each thread.</summary>
    public static ReceivePlatform Platform(bool inBatches) => new(socket => CreateChannel(socket, inBatches), HasSocketPerThread: false, HasFilter: false);

    public static DatagramChannel CreateChannel(Socket socket, bool inBatches)
    {
        if (!inBatches)
        {
            return new PortableDatagramChannel(socket);
        }

        Assume.That(BatchDatagramChannel.IsSupported(socket), "recvmmsg works on 64-bit Linux only");
        return new BatchDatagramChannel(socket);
    }

    public static Socket Sender(IPAddress? address = null) =>
        new(address?.AddressFamily ?? AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Waits for something that happens on another thread.</summary>
    public static void WaitUntil(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(Timeout), $"waited for: {what}");
            Thread.Sleep(1); // it is a real thread that is awaited, maybe on the only processor
        }
    }
}
