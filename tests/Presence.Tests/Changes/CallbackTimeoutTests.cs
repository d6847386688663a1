using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Presence.Tests.Changes;

/// <summary>A callback that does not return is waited for so long, and no longer.</summary>
[TestFixture]
public sealed class CallbackTimeoutTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private FakeTimeProvider _time = null!;
    private ManualTickSource _ticks = null!;
    private FakeLogger<PresenceTracker> _logger = null!;
    private PresenceTracker _tracker = null!;
    private ConcurrentQueue<PresenceChanges> _told = null!;
    private TaskCompletionSource _hangs = null!;
    private SemaphoreSlim _began = null!;

    [SetUp]
    public void SetUp()
    {
        _time = new FakeTimeProvider();
        _ticks = new ManualTickSource();
        _logger = new FakeLogger<PresenceTracker>();
        _tracker = new PresenceTracker(tickSource: _ticks, timeProvider: _time, logger: _logger);
        _told = new ConcurrentQueue<PresenceChanges>();
        _hangs = new TaskCompletionSource();
        _began = new SemaphoreSlim(0);
    }

    [TearDown]
    public async Task TearDown()
    {
        _hangs.TrySetResult();
        await _tracker.DisposeAsync();
        _began.Dispose();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OnChange_WhenACallbackHangsForTheTimeout_TellsTheRestWithoutIt(bool blocksItsThread)
    {
        SessionId session = await HangAsync("zhangsan", blocksItsThread);
        _tracker.Leave("zhangsan");

        _time.Advance(Patience - Moment);
        Assert.That(GivenUp(), Is.Empty, "just before");
        _time.Advance(Moment);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_told, Is.EqualTo(new[] { PresenceChanges.Left }));
        FakeLogRecord record = GivenUp().Single();
        Assert.That(record.Message, Does.Contain("zhangsan").And.Contain($"{session}").And.Contain("00:00:30").And.Contain("Joined"));
    }

    [Test]
    public async Task OnChange_WhenACallbackThatWasGivenUpReturns_HoldsUpAndRepeatsNothing()
    {
        await HangAsync("zhangsan", blocksItsThread: false);
        _time.Advance(Patience);
        await _tracker.WhenCallbacksDoneAsync();
        _hangs.SetResult();
        _tracker.Leave("zhangsan");
        await _tracker.WhenCallbacksDoneAsync();
        _time.Advance(2 * Patience);

        Assert.That(_told, Is.EqualTo(new[] { PresenceChanges.Left }));
        Assert.That(GivenUp(), Has.Count.EqualTo(1), "it is logged once");
    }

    /// <summary>Timers run on the thread pool, which hanging callbacks may starve; ticks do not.</summary>
    [Test]
    public async Task OnChange_WhenTheTimerNeverRuns_GivesUpAtATick()
    {
        var time = new ClockWithoutTimers(_time);
        await using var tracker = new PresenceTracker(tickSource: _ticks, timeProvider: time, logger: _logger);
        await HangAsync("zhangsan", blocksItsThread: true, tracker);
        tracker.Leave("zhangsan");
        _time.Advance(Patience);
        _ticks.Advance();
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(_told, Is.EqualTo(new[] { PresenceChanges.Left }));
    }

    [Test]
    public async Task OnChange_WhenOneHangsAfterAnother_GivesEachItsFullTime()
    {
        await HangAsync("zhangsan", blocksItsThread: false);
        _time.Advance(Patience / 2);
        await HangAsync("lisi", blocksItsThread: false);
        _time.Advance(Patience / 2);
        Assert.That(GivenUp().Single().Message, Does.Contain("zhangsan"));

        _time.Advance((Patience / 2) - Moment);
        Assert.That(GivenUp(), Has.Count.EqualTo(1));
        _time.Advance(Moment);
        Assert.That(GivenUp(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Metrics_WhileCallbacksHang_SayHowManyForHowLongAndHowManyWereGivenUp()
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        await using var tracker = new PresenceTracker(tickSource: _ticks, timeProvider: _time, meterFactory: meters);
        Assert.That(Read(), Is.EqualTo((0, 0, 0)));

        await HangAsync("zhangsan", blocksItsThread: false, tracker);
        _time.Advance(TimeSpan.FromSeconds(10));
        await HangAsync("lisi", blocksItsThread: false, tracker);
        Assert.That(Read(), Is.EqualTo((2, 10, 0)));

        _time.Advance(TimeSpan.FromSeconds(25));
        Assert.That(Read(), Is.EqualTo((2, 35, 1)), "what is given up still runs");

        _hangs.SetResult();
        await tracker.WhenCallbacksDoneAsync();
        Assert.That(() => Read(), Is.EqualTo((0, 0, 1)).After(10_000, 1));

        (long Running, double Oldest, long GivenUp) Read()
        {
            using var running = new MetricCollector<long>(meters, "Presence", "presence.callback.running");
            using var oldest = new MetricCollector<double>(meters, "Presence", "presence.callback.oldest");
            using var givenUp = new MetricCollector<long>(meters, "Presence", "presence.callback.given_up");
            running.RecordObservableInstruments();
            oldest.RecordObservableInstruments();
            givenUp.RecordObservableInstruments();
            return (running.LastMeasurement!.Value, oldest.LastMeasurement!.Value, givenUp.LastMeasurement!.Value);
        }
    }

    [Test]
    public async Task TellServerLostAsync_WhenACallbackHangs_CompletesWhenItIsGivenUp()
    {
        using IDisposable registration = _tracker.OnClientExpired(async _ =>
        {
            _began.Release();
            await _hangs.Task;
        });
        Task told = _tracker.TellServerLostAsync("zhangsan", 1);
        await _began.WaitAsync();
        Assert.That(told.IsCompleted, Is.False);
        _time.Advance(Patience);

        await told;
    }

    [Test]
    public async Task ReadChanges_WhileACallbackHangs_HasEachChangeWhenItHappens()
    {
        IAsyncEnumerable<PresenceChange> changes = _tracker.ReadChanges(PresenceChanges.All);
        await HangAsync("zhangsan", blocksItsThread: true);
        _tracker.Leave("zhangsan");

        await using IAsyncEnumerator<PresenceChange> reader = changes.GetAsyncEnumerator();
        foreach (PresenceChanges kind in new[] { PresenceChanges.Joined, PresenceChanges.Left })
        {
            Assert.That(await reader.MoveNextAsync(), Is.True);
            Assert.That(reader.Current.Kind, Is.EqualTo(kind));
        }

        Assert.That(_told, Is.Empty);
    }

    /// <summary>Two registrations: one hangs at joins, the other notes ends.</summary>
    private async Task<SessionId> HangAsync(string clientId, bool blocksItsThread, PresenceTracker? tracker = null)
    {
        tracker ??= _tracker;
        tracker.OnChange(PresenceChanges.Joined, async change =>
        {
            if (change.ClientId == clientId)
            {
                _began.Release();
                if (blocksItsThread)
                {
                    _hangs.Task.Wait();
                }

                await _hangs.Task;
            }
        });
        tracker.OnChange(PresenceChanges.Ended, change =>
        {
            if (change.ClientId == clientId && change.Kind != PresenceChanges.Shutdown)
            {
                _told.Enqueue(change.Kind);
            }

            return default;
        });
        SessionId session = tracker.Join(clientId).Session;
        await _began.WaitAsync();
        return session;
    }

    private List<FakeLogRecord> GivenUp() => [.. _logger.Collector.GetSnapshot().Where(record => record.Id.Id == 11)];

    private sealed class ClockWithoutTimers(TimeProvider clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
