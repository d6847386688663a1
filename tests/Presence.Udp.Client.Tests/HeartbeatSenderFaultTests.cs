using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Client.Tests;

/// <summary>A sender whose look-ups, probes and clock misbehave: where its heartbeats go, what its status says, and that disposing ends them.</summary>
[TestFixture]
public sealed class HeartbeatSenderFaultTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly IPAddress Old = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress New = IPAddress.Parse("127.0.0.2");
    private static readonly HeartbeatProbe AlwaysAlive = static answer => answer();

    private Socket _atOld = null!;
    private Socket _atNew = null!;
    private ManualResetEventSlim _release = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(OperatingSystem.IsMacOS(), Is.False, "127.0.0.2 has to be made there: sudo ifconfig lo0 alias 127.0.0.2");
        _atOld = Loopback.Bind(Old);
        _atNew = Loopback.Bind(New, Loopback.PortOf(_atOld));
        _release = new ManualResetEventSlim();
    }

    [TearDown]
    public void TearDown()
    {
        _release?.Set();
        _release?.Dispose();
        _atOld?.Dispose();
        _atNew?.Dispose();
    }

    [TestCase(0, 0)]
    [TestCase(5, 0)]
    [TestCase(2_000, 0)]
    [TestCase(0, 1)]
    [TestCase(2_000, 1)]
    public void Restart_AddressHasChanged_MovesEveryHeartbeatAfterTheLookUp(int lookUpMilliseconds, int acknowledgeEach)
    {
        int lookUps = 0;
        using var answered = new ManualResetEventSlim();
        using HeartbeatSender sender = Send(_ =>
        {
            if (Interlocked.Increment(ref lookUps) == 1)
            {
                return [Old];
            }

            Thread.Sleep(lookUpMilliseconds); // a name server that takes its time
            answered.Set();
            return [New];
        }, acknowledgeEach: acknowledgeEach);
        Loopback.WaitUntil(() => sender.Status.Sent >= 3, "beats");

        sender.Restart();
        Assert.That(answered.Wait(Loopback.Timeout), Is.True);
        Loopback.WaitUntil(() => _atNew.Available > 0, "the first at the new address");
        Loopback.Drain(_atOld);
        Loopback.WaitUntil(() => Loopback.Drain(_atNew) > 0 && Loopback.Drain(_atOld) >= 0 && sender.Status.Sent >= 50, "fifty beats");

        Assert.Multiple(() =>
        {
            Assert.That(Loopback.Drain(_atOld), Is.Zero);
            Assert.That(Volatile.Read(ref lookUps), acknowledgeEach == 0 ? Is.EqualTo(2) : Is.AtLeast(2), "one look-up for one restart; more only where nobody answers");
        });
    }

    [Test]
    public void Restart_LookUpBeforeHangs_MovesNeverthelessAndStays()
    {
        int lookUps = 0;
        using HeartbeatSender sender = Send(_ =>
        {
            switch (Interlocked.Increment(ref lookUps))
            {
                case 2:
                    _release.Wait(Loopback.Timeout);
                    return [Old];
                case 1:
                    return [Old];
                default:
                    return [New];
            }
        }, acknowledgeEach: 0);
        Loopback.WaitUntil(() => sender.Status.Sent >= 3, "beats");

        sender.Restart();
        Loopback.WaitUntil(() => Volatile.Read(ref lookUps) == 2, "the look-up that hangs");
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 5, "beats in spite of it");
        sender.Restart();
        Loopback.WaitUntil(() => Loopback.Drain(_atNew) > 0, "beats at the new address");
        _release.Set(); // what it answers is older than what is known
        sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 3, "what was under way");
        Loopback.Drain(_atOld);
        sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 20, "more beats");

        Assert.That(Loopback.Drain(_atOld), Is.Zero);
    }

    [Test]
    public void IsProbablyExpired_AfterAStandstill_IsTrueForGood()
    {
        var clock = new JumpingClock();
        using HeartbeatSender sender = Send(_ => [Old], clock: clock);
        Loopback.WaitUntil(() => sender.Status.Sent >= 3, "beats");
        Assert.That(sender.Status.IsProbablyExpired, Is.False);

        clock.Jump(TimeSpan.FromSeconds(3.3));
        Loopback.WaitUntil(() => sender.Status.IsProbablyExpired, "the status");
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 5, "beats that don't bring the session back");

        Assert.That(sender.Status.IsProbablyExpired, Is.True);
    }

    [Test]
    public void IsProbablyExpired_FirstLookUpHangs_IsTrue()
    {
        using HeartbeatSender sender = Send(Hang);

        Loopback.WaitUntil(() => sender.Status.IsProbablyExpired, "the status, while the look-up hangs");

        Assert.That(_release.IsSet, Is.False);
    }

    [Test]
    public void IsProbablyExpired_ProbeHangs_IsTrue()
    {
        using HeartbeatSender sender = Send(_ => [Old], _ => _release.Wait(Loopback.Timeout));

        Loopback.WaitUntil(() => sender.Status.IsProbablyExpired, "the status, while the probe hangs");

        Assert.That(_release.IsSet, Is.False);
    }

    [Test]
    public void Dispose_LookUpPending_NothingIsSentAfter()
    {
        using var asked = new ManualResetEventSlim();
        HeartbeatSender sender = Send(host =>
        {
            asked.Set();
            return Hang(host);
        });
        Assert.That(asked.Wait(Loopback.Timeout), Is.True);

        sender.Dispose();

        AssertNothingComesAfter(_release.Set);
    }

    [Test]
    public void Dispose_ProbeBlocked_NothingIsSentAfter()
    {
        using var asked = new ManualResetEventSlim();
        HeartbeatSender sender = Send(_ => [Old], answer =>
        {
            answer();
            asked.Set();
            _release.Wait(Loopback.Timeout);
        });
        Assert.That(asked.Wait(Loopback.Timeout), Is.True);

        sender.Dispose();

        AssertNothingComesAfter(_release.Set);
    }

    [Test]
    public void Dispose_InsideAProbe_NothingIsSentAfter()
    {
        using var disposed = new ManualResetEventSlim();
        HeartbeatSender? sender = null;
        sender = Send(_ => [Old], answer =>
        {
            answer();
            Loopback.WaitUntil(() => Volatile.Read(ref sender) is not null, "the constructor");
            sender!.Dispose();
            disposed.Set();
        });
        Assert.That(disposed.Wait(Loopback.Timeout), Is.True);

        AssertNothingComesAfter(static () => { });
    }

    [Test]
    public void Dispose_WhileSending_NothingIsSentAfter()
    {
        for (int i = 0; i < 50; i++)
        {
            HeartbeatSender sender = Send(_ => [Old]);
            Thread.SpinWait(i * 1_000); // into, before and after the first heartbeat

            sender.Dispose();

            Loopback.Drain(_atOld);
        }

        AssertNothingComesAfter(static () => { });
    }

    private HeartbeatSender Send(Func<string, IPAddress[]> resolve, HeartbeatProbe? probe = null, TimeProvider? clock = null, int acknowledgeEach = 1) => new(
        new HeartbeatSenderOptions
        {
            Host = "server",
            Port = Loopback.PortOf(_atOld),
            Session = 1,
            Key = new byte[32],
            Interval = Interval,
            ExpireAfter = 29, // 0.6 s
            AcknowledgeEach = acknowledgeEach,
        },
        probe ?? AlwaysAlive,
        clock,
        null,
        resolve);

    private IPAddress[] Hang(string host)
    {
        _release.Wait(Loopback.Timeout);
        return [Old];
    }

    private void AssertNothingComesAfter(Action release)
    {
        Loopback.Drain(_atOld);
        release();
        Assert.That(_atOld.Poll(15 * Interval, SelectMode.SelectRead), Is.False, "a heartbeat after Dispose has returned");
    }

    private sealed class JumpingClock : TimeProvider
    {
        private long _ahead;

        public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, (long)(by.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);
    }
}
