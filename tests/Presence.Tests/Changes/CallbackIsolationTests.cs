using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Presence.Tests.Changes;

/// <summary>One callback's trouble is nobody else's.</summary>
[TestFixture]
public sealed class CallbackIsolationTests
{
    private ManualTickSource _ticks = null!;
    private FakeLogger<PresenceTracker> _logger = null!;
    private PresenceTracker _tracker = null!;
    private ConcurrentQueue<string> _done = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _logger = new FakeLogger<PresenceTracker>();
        _tracker = new PresenceTracker(new PresenceOptions { CallbackDrainTimeout = TimeSpan.FromMilliseconds(1) }, _ticks, logger: _logger);
        _done = new ConcurrentQueue<string>();
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public async Task OnClientExpired_WhenOneThrows_TheOthersRunAndItIsLogged()
    {
        using IDisposable failing = _tracker.OnClientExpired(change => change.ClientId == "b" ? throw new InvalidOperationException("teardown") : default);
        using IDisposable second = Record();

        await ExpireAsync("a", "b", "c");

        Assert.That(_done, Is.EquivalentTo(new[] { "a", "b", "c" }));
        FakeLogRecord error = _logger.Collector.GetSnapshot().Single(record => record.Level == LogLevel.Error);
        Assert.That((error.Id.Id, error.Exception!.Message), Is.EqualTo((2, "teardown")));
        Assert.That(error.Message, Does.Contain("client b"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OnClientExpired_WhenOneNeverReturns_TheOthersAndAllTicksGoOn(bool blocksItsThread)
    {
        using var never = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        using var others = new CountdownEvent(2 * 20);
        using IDisposable registration = _tracker.OnClientExpired(async change =>
        {
            if (change.ClientId == "hung")
            {
                held.Set();
                if (blocksItsThread)
                {
                    never.Wait();
                }
                else
                {
                    await new TaskCompletionSource().Task;
                }
            }

            others.Signal();
        });

        Join("hung");
        _ticks.Advance(6);
        held.Wait();
        for (int round = 0; round < 20; round++)
        {
            Join("a", "b");
            _ticks.Advance(6);
            Assert.That(_tracker.OnlineCount, Is.Zero, "ticks go on");
        }

        Assert.That(others.Wait(TimeSpan.FromSeconds(30)), Is.True, $"{others.CurrentCount} callbacks of others did not run");
        never.Set();
        await Task.CompletedTask;
    }

    /// <summary>Far more than the thread pool has threads for: it adds one or two a second.</summary>
    [Test]
    public async Task OnClientExpired_WhenManyBlockTheirThreads_RunsForOthersWithinAFewTicks()
    {
        const int Blocked = 60;
        TimeSpan interval = TimeSpan.FromMilliseconds(100);
        using var released = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(Blocked);
        var other = new TaskCompletionSource<int>();
        await using var tracker = new PresenceTracker(new PresenceOptions { TickInterval = interval, ExpireAfter = 2, MassExpiryShare = 1 });
        using IDisposable registration = tracker.OnClientExpired(change =>
        {
            if (change.ClientId == "other")
            {
                other.SetResult(Blocked - blocked.CurrentCount);
                return default;
            }

            blocked.Signal();
            released.Wait();
            return default;
        });
        for (int i = 0; i < Blocked; i++)
        {
            tracker.Join($"client {i}");
        }

        tracker.Join("other");
        Task first = await Task.WhenAny(other.Task, Task.Delay(TimeSpan.FromSeconds(10)));
        released.Set();

        Assert.That(first, Is.SameAs(other.Task), "the other's callback did not run in 100 ticks");
    }

    [Test]
    public async Task OnClientExpired_WhenItJoinsTheClientAgain_TheClientIsOnlineWithANewSession()
    {
        var rejoined = new ConcurrentDictionary<SessionId, SessionId>();
        using IDisposable registration = _tracker.OnClientExpired(change =>
        {
            Assert.That(_tracker.TryJoin(change.ClientId, out SessionId session), Is.True, "the old session has left");
            rejoined[change.Session] = session;
            return default;
        });

        await ExpireAsync("a", "b");

        Assert.That(rejoined, Has.Count.EqualTo(2));
        Assert.That(_tracker.Snapshot().Select(status => status.Session), Is.EquivalentTo(rejoined.Values));
        Assert.That(_logger.Collector.GetSnapshot().Where(record => record.Level >= LogLevel.Warning), Is.Empty);
    }

    [Test]
    public async Task OnChange_ForOneClientWhileItsCallbackIsHeld_TellsTheRestAfterItInOrder()
    {
        var held = new TaskCompletionSource();
        var order = new ConcurrentQueue<PresenceChanges>();
        using IDisposable registration = _tracker.OnChange(PresenceChanges.All, async change =>
        {
            order.Enqueue(change.Kind);
            await held.Task;
        });

        _tracker.Join("a");
        _tracker.Join("a");
        _tracker.Leave("a");
        _tracker.Join("a");
        _ticks.Advance(6);
        held.SetResult();
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(order, Is.EqualTo(new[]
        {
            PresenceChanges.Joined, PresenceChanges.Replaced, PresenceChanges.Joined, PresenceChanges.Left, PresenceChanges.Joined, PresenceChanges.Suspected,
            PresenceChanges.Expired,
        }));
    }

    [Test]
    public async Task OnClientExpired_WhenACallbackNeverReturns_TheOtherCallbacksForTheSameClientRun()
    {
        using IDisposable hung = _tracker.OnClientExpired(async _ => await new TaskCompletionSource().Task);
        var done = new TaskCompletionSource();
        using IDisposable other = _tracker.OnClientExpired(_ =>
        {
            done.SetResult();
            return default;
        });

        Join("a");
        _ticks.Advance(6);

        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task OnClientExpired_AfterItsRegistrationIsDisposed_IsNotRun()
    {
        Record().Dispose();
        using IDisposable other = Record();

        await ExpireAsync("a");

        Assert.That(_done, Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Registration_DisposedTwice_LeavesAnEqualOneAlone()
    {
        Func<PresenceChange, ValueTask> callback = change =>
        {
            _done.Enqueue(change.ClientId);
            return default;
        };
        IDisposable first = _tracker.OnClientExpired(callback);
        using IDisposable second = _tracker.OnClientExpired(callback);
        first.Dispose();
        first.Dispose();

        await ExpireAsync("a");

        Assert.That(_done, Has.Count.EqualTo(1));
    }

    [Test]
    public void OnChange_OfNoKindOrAnUnknownOne_Throws([Values(PresenceChanges.None, (PresenceChanges)(1 << 20))] PresenceChanges kinds) =>
        Assert.That(() => _tracker.OnChange(kinds, _ => default), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private IDisposable Record() => _tracker.OnClientExpired(change =>
    {
        _done.Enqueue(change.ClientId);
        return default;
    });

    private void Join(params string[] clientIds) => Array.ForEach(clientIds, clientId => _tracker.Join(clientId));

    private async Task ExpireAsync(params string[] clientIds)
    {
        Join(clientIds);
        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();
    }
}
