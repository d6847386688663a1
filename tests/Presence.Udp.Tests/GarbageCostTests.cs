using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>What garbage at the full rate of one thread costs the listener, when the kernel filters it.</summary>
[TestFixture]
public sealed class GarbageCostTests
{
    private const double MaxShareOfACore = 0.02;

    [Test]
    public void Garbage_AtFullRate_CostsTheListenerNextToNothingAndLosesNoHeartbeat()
    {
        Assume.That(OperatingSystem.IsLinux(), "the filter is Linux's");
        TimeSpan duration = TimeSpan.FromSeconds(TestScale.IsLong ? 20 : 3);
        using var tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        using var keys = new HeartbeatKeys(tracker);
        using var listener = new UdpHeartbeatListener(tracker, keys, new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort });
        listener.Start();
        var clients = new BeatingClients(tracker, keys, listener.LocalEndPoint!, count: 100, TimeSpan.FromSeconds(1));
        using var flood = new Flood(listener.LocalEndPoint!, RandomNumberGenerator.GetBytes(HeartbeatDatagram.Length), threads: 1);
        clients.Start();

        double without = ShareOfACore(duration);
        flood.Resume();
        double with = ShareOfACore(duration);
        flood.Pause();
        clients.Stop();
        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] == clients.Sent, "every heartbeat");

        TestContext.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"receivers {without:P2} of a core without garbage, {with:P2} with {flood.Sent / duration.TotalSeconds / 1e6:F2} M/s of it; {clients.Sent} heartbeats, all accepted"));
        Assert.Multiple(() =>
        {
            Assert.That(flood.Sent / duration.TotalSeconds, Is.GreaterThan(10_000), "or there was no flood");
            Assert.That(with - without, Is.LessThan(MaxShareOfACore));
            Assert.That(listener.Counts[DatagramOutcome.Malformed], Is.Zero);
        });
    }

    private static double ShareOfACore(TimeSpan duration)
    {
        TimeSpan before = ThreadTimes.OfReceivers();
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(duration); // what is measured is what the receivers do meanwhile
        return (ThreadTimes.OfReceivers() - before) / Stopwatch.GetElapsedTime(start);
    }
}
