using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>
/// A thread floods the port as fast as it can, without a pause or in pulses, while clients beat and some die. The dead go within the bound of the amnesty whatever comes; the living
/// stay as far as this machine reads what comes. Prints the table of <c>docs/reliability.md</c>.
/// </summary>
[TestFixture]
public sealed class FloodTests
{
    private const int Clients = 500;
    private const int Dead = 10; // the last of them
    private const int ExpireAfter = 5;
    private const int Bound = (2 * ExpireAfter) + 2; // ticks from the last heartbeat to the end, all guards but the one for mass expiry together

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [TestCase("garbage", true, true)]
    [TestCase("forged", true, true)]
    [TestCase("garbage", false, true, Category = "Long")]
    [TestCase("forged", false, true, Category = "Long")]
    [TestCase("replayed", false, true, Category = "Long")]
    [TestCase("unknown", false, true, Category = "Long")]
    [TestCase("replayed", true, true, Category = "Long")]
    [TestCase("unknown", true, true, Category = "Long")]
    [TestCase("garbage", false, false, Category = "Long")]
    [TestCase("forged", false, false, Category = "Long")]
    [TestCase("garbage", true, false, Category = "Long")]
    [TestCase("forged", true, false, Category = "Long")]
    public void Flood_OfAnyKind_KeepsNoDeadClientBeyondTheBound(string kind, bool isPulsed, bool isFilteredOnSeveralThreads)
    {
        using var tracker = new PresenceTracker(new PresenceOptions { TickInterval = Interval, ExpireAfter = ExpireAfter, MassExpiryShare = 1 });
        using var keys = new HeartbeatKeys(tracker);
        using UdpHeartbeatListener listener = Listen(tracker, keys, isFilteredOnSeveralThreads);
        var clients = new BeatingClients(tracker, keys, listener.LocalEndPoint!, Clients, Interval);
        clients.Start();
        Loopback.WaitUntil(() => clients.Rounds >= 5, "five heartbeats of everyone");

        using var flood = new Flood(listener.LocalEndPoint!, DatagramOf(kind, clients), threads: 1);
        using var goneAfter = new DeathWatch(tracker, [.. Enumerable.Range(Clients - Dead, Dead).Select(BeatingClients.Name)]);
        long expired = 0;
        using IDisposable registration = tracker.OnClientExpired(_ =>
        {
            Interlocked.Increment(ref expired);
            return default;
        });
        (long sent, long accepted, TimeSpan busy) = (clients.Sent, listener.Counts[DatagramOutcome.Accepted], ThreadTimes.OfReceivers());
        long start = Stopwatch.GetTimestamp();
        flood.Resume();
        clients.Beating = Clients - Dead;
        goneAfter.Start();
        RunFor(TimeSpan.FromSeconds(TestScale.IsLong ? 13 : 4), flood, isPulsed);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        (long sentMeanwhile, long acceptedMeanwhile, TimeSpan busyMeanwhile) =
            (clients.Sent - sent, listener.Counts[DatagramOutcome.Accepted] - accepted, ThreadTimes.OfReceivers() - busy);
        clients.Stop();

        int? last = goneAfter.LastGone;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kind,-9} {(isPulsed ? "pulsed" : "steady"),-7} {(isFilteredOnSeveralThreads ? "now" : "one thread, no filter"),-22} "
            + $"{flood.Sent / elapsed.TotalSeconds / 1e6,5:F2} M/s  heartbeats accepted {100.0 * acceptedMeanwhile / sentMeanwhile,6:F2} %  "
            + $"living expired {expired - Dead}  dead gone after {last} ticks  receivers {busyMeanwhile / elapsed,5:P1} of a core"));
        Assert.That(last, Is.Not.Null.And.LessThanOrEqualTo(Bound), "ticks to the end of the last dead client");
        if (acceptedMeanwhile >= sentMeanwhile * 0.99)
        {
            Assert.That(expired, Is.EqualTo(Dead), "nothing was lost, so all the living stay");
        }
    }

    private static UdpHeartbeatListener Listen(PresenceTracker tracker, HeartbeatKeys keys, bool isFilteredOnSeveralThreads)
    {
        var options = new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort, ReceiveThreads = isFilteredOnSeveralThreads ? null : 1 };
        ReceivePlatform platform = ReceivePlatform.Current with { HasFilter = isFilteredOnSeveralThreads && OperatingSystem.IsLinux() };
        var listener = new UdpHeartbeatListener(tracker, keys, options, null, null, null, platform);
        listener.Start();
        return listener;
    }

    private static void RunFor(TimeSpan duration, Flood flood, bool isPulsed)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration;)
        {
            flood.Resume();
            Thread.Sleep(TimeSpan.FromSeconds(TestScale.IsLong ? 5 : 1)); // the attack's own rhythm
            if (isPulsed)
            {
                flood.Pause();
                Thread.Sleep(TimeSpan.FromSeconds(TestScale.IsLong ? 1.3 : 0.26));
            }
        }
    }

    private static byte[] DatagramOf(string kind, BeatingClients clients) => kind switch
    {
        "garbage" => RandomNumberGenerator.GetBytes(HeartbeatDatagram.Length),
        "unknown" => Datagrams.Forged(new SessionId(1), 1),
        "replayed" => clients.DatagramOf(0, sequence: 1),
        _ => Datagrams.Forged(clients.SessionOf(0), ulong.MaxValue), // to a session that was seen
    };
}
