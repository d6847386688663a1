using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Presence.Benchmarks.Million;

/// <summary>The process of the clients: sends a heartbeat of each once a second, evenly, and says on request how many it has sent.</summary>
/// <remarks>Not a <c>HeartbeatSenderGroup</c>, which keeps a status and reads acknowledgements for each: here the server is to be busy, on a machine that both share.</remarks>
internal static class MillionClients
{
    private const int DatagramLength = 40;
    private const int LoginLength = 40;
    private const int Sockets = 64; // so that the kernel shares them out among the server's threads
    private const int Slice = 200; // sent without a look at the clock

    public static int Run(int port, string file)
    {
        byte[] logins = File.ReadAllBytes(file);
        long sent = 0;
        new Thread(() => Beat(logins, port, ref sent)) { IsBackground = true }.Start();
        Console.WriteLine("beating");
        while (Console.ReadLine() is { } question)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{question} {Volatile.Read(ref sent)}"));
        }

        return 0;
    }

    private static void Beat(byte[] logins, int port, ref long sent)
    {
        int count = logins.Length / LoginLength;
        Socket[] sockets = [.. Enumerable.Range(0, Sockets).Select(_ => Connect(port))];
        byte[] datagram = new byte[DatagramLength];
        long start = Stopwatch.GetTimestamp();
        for (long beat = 0; ; beat++)
        {
            if (beat % Slice == 0)
            {
                Volatile.Write(ref sent, beat);
                TimeSpan early = TimeSpan.FromSeconds((double)beat / count) - Stopwatch.GetElapsedTime(start);
                if (early > TimeSpan.FromMilliseconds(1))
                {
                    Thread.Sleep(early); // a rate, not a wait for something
                }
            }

            Write(datagram, logins.AsSpan((int)(beat % count) * LoginLength, LoginLength), (ulong)(beat / count) + 1);
            sockets[beat % count % Sockets].Send(datagram);
        }
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static void Write(Span<byte> datagram, ReadOnlySpan<byte> login, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64BigEndian(datagram, 0x50_52_42_01_01_00_00_00);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[8..], BinaryPrimitives.ReadUInt64LittleEndian(login));
        BinaryPrimitives.WriteUInt64BigEndian(datagram[16..], sequence);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(login[8..], datagram[..24], mac);
        mac[..16].CopyTo(datagram[24..]);
    }
}
