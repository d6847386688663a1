using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Testing;

namespace Presence.Tests;

[TestFixture]
public sealed class DisposalTests
{
    private ManualTickSource _ticks = null!;

    [SetUp]
    public void SetUp() => _ticks = new ManualTickSource();

    [Test]
    public async Task DisposeAsync_WithCallbacksUnderWay_WaitsForThem()
    {
        var tracker = new PresenceTracker(tickSource: _ticks);
        var started = new TaskCompletionSource();
        var held = new TaskCompletionSource();
        bool done = false;
        tracker.OnClientExpired(async _ =>
        {
            started.SetResult();
            await held.Task;
            done = true;
        });
        tracker.Join("zhangsan");
        _ticks.Advance(6);
        await started.Task;

        Task disposal = tracker.DisposeAsync().AsTask();
        bool waited = !disposal.IsCompleted;
        held.SetResult();
        await disposal;

        Assert.That((waited, done), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task DisposeAsync_WithACallbackThatNeverReturns_GivesUpAfterTheTimeoutAndLogsIt()
    {
        var logger = new FakeLogger<PresenceTracker>();
        var tracker = new PresenceTracker(new PresenceOptions { CallbackDrainTimeout = TimeSpan.FromMilliseconds(10) }, _ticks, logger: logger);
        tracker.OnClientExpired(async _ => await new TaskCompletionSource().Task);
        tracker.Join("zhangsan");
        _ticks.Advance(6);

        await tracker.DisposeAsync();

        Assert.That(logger.LatestRecord.Id.Id, Is.EqualTo(6));
        Assert.That(logger.LatestRecord.Message, Does.Contain("1 callbacks"));
    }

    /// <summary>A callback that waited for the tracker would wait for itself: for the whole drain timeout, which is a day here.</summary>
    [Test]
    public async Task Dispose_InsideACallback_DoesNotWaitForIt([Values] bool isAsync, [Values] bool afterAnAwait)
    {
        var tracker = new PresenceTracker(new PresenceOptions { CallbackDrainTimeout = TimeSpan.FromDays(1) }, _ticks);
        var returned = new TaskCompletionSource();
        var released = new TaskCompletionSource();
        tracker.OnClientExpired(async _ =>
        {
            if (afterAnAwait)
            {
                await Task.Yield();
            }

            if (isAsync)
            {
                await tracker.DisposeAsync();
                await tracker.DisposeAsync();
            }
            else
            {
                tracker.Dispose();
            }

            returned.SetResult();
            await released.Task;
        });
        tracker.Join("zhangsan");
        _ticks.Advance(6);
        await returned.Task;

        Task fromOutside = tracker.DisposeAsync().AsTask();
        Assert.That(fromOutside.IsCompleted, Is.False, "who is not in a callback waits for it");
        released.SetResult();
        await fromOutside;
        Assert.That(() => tracker.Join("lisi"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task DisposeAsync_WithClientsOnline_EndsThemByShutdownAndRunsNoExpiry()
    {
        var tracker = new PresenceTracker(tickSource: _ticks);
        var told = new ConcurrentQueue<PresenceChanges>();
        tracker.OnChange(PresenceChanges.Ended, change =>
        {
            told.Enqueue(change.Kind);
            return default;
        });
        tracker.Join("zhangsan");
        tracker.Join("lisi");

        await tracker.DisposeAsync();
        _ticks.Advance(20);

        Assert.That(told, Is.EqualTo(new[] { PresenceChanges.Shutdown, PresenceChanges.Shutdown }));
    }

    [Test]
    public void Members_AfterDispose_Throw()
    {
        var tracker = new PresenceTracker(tickSource: _ticks);
        SessionId session = tracker.Join("zhangsan").Session;
        tracker.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(() => tracker.Join("zhangsan"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.TryJoin("zhangsan", out _), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.Leave("zhangsan"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.Leave(session), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.Heartbeat("zhangsan"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.Heartbeat(session), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.TryGetClient("zhangsan", out _), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.Snapshot(), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.OnClientExpired(_ => default), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => tracker.AddTickGuard(() => false), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(tracker.OnlineCount, Is.Zero);
        });
    }

    [Test]
    public async Task Dispose_TwiceAndBothWays_IsOne()
    {
        var tracker = new PresenceTracker(tickSource: _ticks);

        tracker.Dispose();
        await tracker.DisposeAsync();

        Assert.That(tracker.Dispose, Throws.Nothing);
    }

    [Test]
    public void Dispose_WhileClientsJoin_LeavesNobodyOnline()
    {
        for (int round = 0; round < 200; round++)
        {
            var tracker = new PresenceTracker(tickSource: _ticks);
            Parallel.Invoke(tracker.Dispose, () => Join(tracker, "a"), () => Join(tracker, "b"));

            Assert.That(tracker.OnlineCount, Is.Zero);
        }

        static void Join(PresenceTracker tracker, string prefix)
        {
            try
            {
                for (int i = 0; i < 1_000; i++)
                {
                    tracker.Join(prefix + i);
                }
            }
            catch (ObjectDisposedException)
            {
                // Expected of a join that comes after.
            }
        }
    }
}
