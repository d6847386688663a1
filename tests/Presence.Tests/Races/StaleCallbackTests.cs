namespace Presence.Tests.Races;

/// <summary>The bug that every presence system has had: the old session's teardown kills the new session.</summary>
[TestFixture]
public sealed class StaleCallbackTests
{
    private static readonly int Rounds = TestScale.Of(2_000, 40_000);

    [Test]
    public async Task OnClientExpired_HeldWhileTheClientJoinsAnew_LeavesTheNewSessionUntouched()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        var started = new TaskCompletionSource<PresenceChange>();
        var held = new TaskCompletionSource();
        using IDisposable registration = tracker.OnClientExpired(async change =>
        {
            started.SetResult(change);
            await held.Task;
            tracker.Leave(change.Session); // what a host's teardown may do
        });
        SessionId first = tracker.Join("zhangsan", "connection 1").Session;
        ticks.Advance(6);
        PresenceChange expired = await started.Task;

        SessionId second = tracker.Join("zhangsan", "connection 2").Session;
        Assert.That(tracker.Heartbeat(second), Is.True);
        Assert.That(tracker.Heartbeat(first), Is.False);
        held.SetResult();
        await tracker.WhenCallbacksDoneAsync();

        Assert.That((expired.Session, expired.State), Is.EqualTo((first, (object)"connection 1")));
        Assert.That(tracker.TryGetClient("zhangsan", out ClientStatus status), Is.True);
        Assert.That((status.Session, status.State, status.Count), Is.EqualTo((second, (object)"connection 2", 0)));
    }

    [Test]
    public async Task Join_RacingTheTickThatExpiresTheOldSession_NeverLosesTheNewOne()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 1 }, ticks);
        var tornDown = new HashSet<SessionId>();
        using IDisposable registration = tracker.OnClientExpired(change =>
        {
            lock (tornDown)
            {
                tornDown.Add(change.Session);
            }

            return default;
        });

        var random = new Random(1);
        int replaced = 0;
        for (int round = 0; round < Rounds; round++)
        {
            SessionId old = tracker.Join("zhangsan").Session;
            ticks.Advance();
            JoinResult joined = default;
            int headStart = random.Next(1_000); // so that either comes first about as often
            Parallel.Invoke(
                () =>
                {
                    Thread.SpinWait(headStart);
                    ticks.Advance();
                },
                () => joined = tracker.Join("zhangsan"));
            Assert.That(tracker.Heartbeat(joined.Session), Is.True, "the new session lives");
            Assert.That(tracker.Heartbeat(old), Is.False, "the old one doesn't");
            await tracker.WhenCallbacksDoneAsync();

            bool wasReplaced = joined.Replaced is not null;
            replaced += wasReplaced ? 1 : 0;
            Assert.That(tornDown.Contains(old), Is.Not.EqualTo(wasReplaced), "the old one ended once: by the tick or by the join");
            Assert.That(tornDown, Does.Not.Contain(joined.Session));
            tracker.Leave(joined.Session);
        }

        TestContext.Out.WriteLine($"{replaced} of {Rounds} old sessions were replaced, the others expired");
    }
}
