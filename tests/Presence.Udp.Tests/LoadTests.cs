using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>10,000 heartbeats a second over loopback, under a flood of 50,000 bad datagrams a second from another socket: nobody expires.</summary>
[TestFixture]
public sealed class LoadTests
{
    private const int HeartbeatsPerSecond = 10_000;
    private const int BadPerSecond = 50_000;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(5);

    [Test]
    public void Flood_2000SessionsThatBeatEach200Milliseconds_ExpiresNobody() =>
        Run(sessions: 2_000, TimeSpan.FromMilliseconds(200), expireAfter: 10, TimeSpan.FromSeconds(6));

    [Test]
    [Category("Long")]
    public void Flood_10000SessionsThatBeatEachSecond_ExpiresNobody() =>
        Run(sessions: 10_000, TimeSpan.FromSeconds(1), expireAfter: 5, TimeSpan.FromSeconds(60));

    private static void Run(int sessions, TimeSpan interval, int expireAfter, TimeSpan duration)
    {
        using var tracker = new PresenceTracker(new PresenceOptions { TickInterval = interval, ExpireAfter = expireAfter });
        using var keys = new HeartbeatKeys(tracker);
        using var listener = new UdpHeartbeatListener(tracker, keys, Loopback.Options);
        listener.Start();
        SocketAddress target = listener.LocalEndPoint!.Serialize();
        Client[] clients = [.. Enumerable.Range(0, sessions).Select(i => LogIn(tracker, keys, $"client{i}"))];
        using HeartbeatSender sender = RealSender(tracker, keys, listener, interval, expireAfter);
        byte[][] bad = BadDatagrams(clients[0]);
        long expired = 0;
        using IDisposable registration = tracker.OnClientExpired(_ =>
        {
            Interlocked.Increment(ref expired);
            return default;
        });

        using var tag = new HeartbeatTag();
        byte[] datagram = new byte[HeartbeatDatagram.Length];
        long start = Stopwatch.GetTimestamp();
        int beats = 0;
        var beating = new Thread(() => beats = Pace(HeartbeatsPerSecond, start, duration, (socket, i) =>
        {
            Client client = clients[i % sessions];
            HeartbeatDatagram.WriteHeartbeat(datagram, client.Session.Value, (ulong)(i / sessions) + 1);
            tag.Sign(client.Key, datagram);
            socket.SendTo(datagram, SocketFlags.None, target);
        }));
        var flooding = new Thread(() => Pace(BadPerSecond, start, duration, (socket, i) => socket.SendTo(bad[i % bad.Length], SocketFlags.None, target)));
        TimeSpan busyBefore = Process.GetCurrentProcess().TotalProcessorTime;
        beating.Start();
        flooding.Start();
        beating.Join();
        flooding.Join();
        (long expiredMeanwhile, int online) = (Interlocked.Read(ref expired), tracker.OnlineCount); // before it shows that nobody beats any more

        sender.Dispose();
        listener.Dispose(); // takes what is still unread
        OutcomeTotals counts = listener.Counts;
        long sent = beats + sender.Status.Sent;
        long refused = counts[DatagramOutcome.Malformed] + counts[DatagramOutcome.Unknown] + counts[DatagramOutcome.Stale] + counts[DatagramOutcome.Forged];
        TestContext.Out.WriteLine(
            $"sent {sent}, accepted {counts[DatagramOutcome.Accepted]}, refused {refused}, dropped {counts[DatagramOutcome.Dropped]}, "
            + $"processor time {Process.GetCurrentProcess().TotalProcessorTime - busyBefore} in {Stopwatch.GetElapsedTime(start)} with both senders");
        Assert.Multiple(() =>
        {
            Assert.That(expiredMeanwhile, Is.Zero, "expired");
            Assert.That(online, Is.EqualTo(sessions + 1));
            Assert.That(refused, Is.GreaterThan(duration.TotalSeconds * BadPerSecond / 2), "or there was no flood");
            Assert.That(counts[DatagramOutcome.Accepted], Is.InRange(sent - counts[DatagramOutcome.Dropped], sent), "each that was not dropped");
        });
    }

    private static Client LogIn(PresenceTracker tracker, HeartbeatKeys keys, string name)
    {
        SessionId session = tracker.Join(name).Session;
        return new Client(session, new HeartbeatKey(keys.Issue(name, session)!));
    }

    private static HeartbeatSender RealSender(PresenceTracker tracker, HeartbeatKeys keys, UdpHeartbeatListener listener, TimeSpan interval, int expireAfter)
    {
        SessionId session = tracker.Join("real").Session;
        return new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = "127.0.0.1",
                Port = listener.LocalEndPoint!.Port,
                Session = session.Value,
                Key = keys.Issue("real", session)!,
                Interval = interval,
                ExpireAfter = expireAfter,
            },
            static answer => answer());
    }

    /// <summary>One of each kind: malformed, unknown, forged with a huge sequence, and stale.</summary>
    private static byte[][] BadDatagrams(Client victim)
    {
        byte[] stale = new byte[HeartbeatDatagram.Length];
        using var tag = new HeartbeatTag();
        HeartbeatDatagram.WriteHeartbeat(stale, victim.Session.Value, sequence: 0);
        tag.Sign(victim.Key, stale);
        return [new byte[1_000], Datagrams.Forged(new SessionId(1), 1), Datagrams.Forged(victim.Session, ulong.MaxValue), stale];
    }

    /// <summary>Sends on an absolute schedule, in slices small beside any buffer; what a busy machine delays is caught up with.</summary>
    private static int Pace(int perSecond, long start, TimeSpan duration, Action<Socket, int> send)
    {
        using Socket socket = Loopback.Sender();
        int sent = 0;
        for (TimeSpan elapsed = Stopwatch.GetElapsedTime(start); elapsed < duration; elapsed = Stopwatch.GetElapsedTime(start))
        {
            for (int due = (int)(elapsed.TotalSeconds * perSecond); sent < due; sent++)
            {
                send(socket, sent);
            }

            Thread.Sleep(Slice);
        }

        return sent;
    }

    private sealed record Client(SessionId Session, HeartbeatKey Key);
}
