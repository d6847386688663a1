using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Client.Tests;

/// <summary>What tests over real sockets share.</summary>
internal static class Loopback
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    public static Socket Bind(IPAddress? address = null, int port = 0)
    {
        var socket = new Socket((address ?? IPAddress.Loopback).AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Timeout.TotalMilliseconds,
        };
        socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, port));
        return socket;
    }

    public static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>Reads what is there, and says how many datagrams it was.</summary>
    public static int Drain(Socket socket)
    {
        int drained = 0;
        for (; socket.Available > 0; drained++)
        {
            socket.Receive(new byte[64]);
        }

        return drained;
    }

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
