using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>Prints the tables of <c>docs/udp.md</c>, which has the command. Nothing is asserted: figures differ from machine to machine.</summary>
[TestFixture]
[Category("Long")] // and means something in Release only
public sealed class CostMeasurements
{
    private const int Sessions = 1_000_000;
    private const int Batch = 64;
    private const int Rounds = 5;

    [Test]
    public void CostPerOutcome()
    {
        using var tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        using var keys = new HeartbeatKeys(tracker);
        using var verifier = new HeartbeatVerifier(tracker, keys, new BeatCensus(), new OutcomeCounts());
        (SessionId Session, byte[] Key)[] sessions = [.. Enumerable.Range(0, Sessions).Select(i =>
        {
            SessionId session = tracker.Join($"client{i}").Session;
            return (session, keys.Issue($"client{i}", session)!);
        })];
        new Random(1).Shuffle(sessions);

        using var tag = new HeartbeatTag();
        Print("accepted", DatagramOutcome.Accepted, (i, round) => (sessions[i].Session, (ulong)round), i => sessions[i].Key);
        Print("stale", DatagramOutcome.Stale, (i, _) => (sessions[i].Session, 1), i => sessions[i].Key);
        Print("forged", DatagramOutcome.Forged, (i, _) => (sessions[i].Session, ulong.MaxValue), _ => new byte[32]);
        Print("unknown", DatagramOutcome.Unknown, (i, _) => (new SessionId(sessions[i].Session.Value ^ (1ul << 60)), 1), i => sessions[i].Key);
        Print("malformed", DatagramOutcome.Malformed, (_, _) => default, _ => null);

        void Print(string name, DatagramOutcome expected, Func<int, int, (SessionId Session, ulong Sequence)> fields, Func<int, byte[]?> keyOf)
        {
            byte[] datagrams = new byte[Sessions * HeartbeatDatagram.Length]; // one block, read in order, as from a receive buffer
            (double best, long allocated) = (double.MaxValue, 0);
            for (int round = 1; round <= Rounds; round++)
            {
                for (int i = 0; i < Sessions; i++)
                {
                    if (keyOf(i) is { } key)
                    {
                        Span<byte> datagram = datagrams.AsSpan(i * HeartbeatDatagram.Length, HeartbeatDatagram.Length);
                        HeartbeatDatagram.WriteHeartbeat(datagram, fields(i, round).Session.Value, fields(i, round).Sequence);
                        tag.Sign(new HeartbeatKey(key), datagram);
                    }
                }

                long before = GC.GetAllocatedBytesForCurrentThread();
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Sessions; i++)
                {
                    for (int next = i; i % Batch == 0 && next < i + Batch; next++) // as the receive loop does
                    {
                        verifier.Touch(datagrams.AsSpan(next * HeartbeatDatagram.Length, HeartbeatDatagram.Length));
                    }

                    if (verifier.Accept(datagrams.AsSpan(i * HeartbeatDatagram.Length, HeartbeatDatagram.Length), out _) != expected)
                    {
                        throw new InvalidOperationException($"{name}: another outcome");
                    }
                }

                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Sessions);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Write($"{name,-10} {best,6:F0} ns {(double)allocated / Sessions,6:F1} B");
        }
    }

    [Test]
    public void CostOfATag()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        byte[] datagram = Datagrams.Genuine(key, new SessionId(1), 1);
        byte[] mac = new byte[32];
        var vector = new HeartbeatKey(key);
        using var tag = new HeartbeatTag();
        using var keyed = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

        Print("HMACSHA256.HashData, one shot", () => HMACSHA256.HashData(key, datagram.AsSpan(0, 24), mac));
        Print("HMAC over a reused SHA-256 (taken)", () => tag.IsGenuine(vector, datagram));
        Print("reused hash with a fixed key", () =>
        {
            keyed.AppendData(datagram.AsSpan(0, 24));
            keyed.GetHashAndReset(mac);
        });

        static void Print(string name, Action action)
        {
            double best = double.MaxValue;
            for (int round = 0; round < 2 * Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < 200_000; i++)
                {
                    action();
                }

                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / 200_000);
            }

            Write($"{name,-36} {best,6:F0} ns");
        }
    }

    [Test]
    public void CostOfARead([Values] bool inBatches)
    {
        const int Burst = 4_000; // fits the default asked for
        using var receiving = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 * 1024 * 1024, ReceiveTimeout = 100 };
        receiving.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var sending = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        DatagramChannel channel = inBatches ? new BatchDatagramChannel(receiving) : new PortableDatagramChannel(receiving);
        SocketAddress target = receiving.LocalEndPoint!.Serialize();
        byte[] datagram = new byte[HeartbeatDatagram.Length];
        double best = double.MaxValue;
        for (int round = 0; round < 20 * Rounds; round++)
        {
            for (int i = 0; i < Burst; i++)
            {
                sending.SendTo(datagram, SocketFlags.None, target);
            }

            long start = Stopwatch.GetTimestamp();
            for (int read = 0; read < Burst;)
            {
                int now = channel.Read(wait: true);
                if (now == 0)
                {
                    throw new InvalidOperationException("datagrams were lost");
                }

                read += now;
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Burst);
        }

        Write($"reading {channel.Name,-24} {best,6:F0} ns");
    }

    private static void Write(string line) => TestContext.Out.WriteLine(line);
}
