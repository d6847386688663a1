using Presence.Guards;

namespace Presence.Tests.Guards;

/// <summary>When a pause has begun nobody is judged any more, not even by a tick that was about it.</summary>
[TestFixture]
public sealed class ExpiryPausesTests
{
    [Test]
    public void Start_WhileSomebodyIsJudged_ReturnsWhenThatIsThrough()
    {
        var pauses = new ExpiryPauses();
        Assert.That(pauses.TryEnter(), Is.True);
        using var started = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            pauses.Start();
            started.Set();
        });
        thread.Start();
        SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin) || started.IsSet);
        bool early = started.IsSet;
        pauses.Exit();
        thread.Join();

        Assert.That((early, started.IsSet), Is.EqualTo((false, true)));
    }

    [Test]
    public void TryEnter_UntilEveryPauseIsOver_IsRefused()
    {
        var pauses = new ExpiryPauses();
        IDisposable one = pauses.Start();
        IDisposable other = pauses.Start();
        bool both = pauses.TryEnter();
        one.Dispose();
        bool last = pauses.TryEnter();
        other.Dispose();

        Assert.That((both, last, pauses.TryEnter()), Is.EqualTo((false, false, true)));
    }

    [Test]
    public async Task PauseExpiry_AtATickThatJudges_ReturnsWhenNobodyIsJudgedAnyMore()
    {
        for (int round = 0; round < 15; round++)
        {
            var ticks = new ManualTickSource();
            using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 1, MassExpiryShare = 1 }, ticks);
            for (int client = 0; client < 40_000; client++)
            {
                tracker.Join($"client {client}");
            }

            ticks.Advance();
            using var ticking = new ManualResetEventSlim();
            Task tick = Task.Run(() =>
            {
                ticking.Set();
                ticks.Advance();
            });
            ticking.Wait();
            Thread.SpinWait(10 * round);
            IDisposable pause = tracker.PauseExpiry();
            int paused = tracker.OnlineCount;
            await tick;

            Assert.That(tracker.OnlineCount, Is.EqualTo(paused), $"round {round}");
            pause.Dispose();
        }
    }

    [Test]
    public async Task PauseExpiry_InAGuardOrACallback_PausesTheNextTickOrThisOne()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        List<IDisposable> pauses = [];
        IDisposable guard = tracker.AddTickGuard(() =>
        {
            pauses.Add(tracker.PauseExpiry());
            return false;
        });
        using IDisposable registration = tracker.OnClientExpired(_ =>
        {
            pauses.Add(tracker.PauseExpiry());
            return default;
        });
        tracker.Join("client");
        ticks.Advance(6);
        guard.Dispose();
        bool isOnline = tracker.TryGetClient("client", out ClientStatus status);
        pauses.ForEach(pause => pause.Dispose());
        ticks.Advance(6);
        await tracker.WhenCallbacksDoneAsync();

        Assert.That((isOnline, status.Count, tracker.OnlineCount, pauses.Count), Is.EqualTo((true, 0, 0, 7)));
    }
}
