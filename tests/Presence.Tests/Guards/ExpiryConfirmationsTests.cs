using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Presence.Tests.Guards;

/// <summary>The host is asked once more before the verdict.</summary>
[TestFixture]
public sealed class ExpiryConfirmationsTests
{
    private ManualTickSource _ticks = null!;
    private FakeTimeProvider _time = null!;
    private FakeLogger<PresenceTracker> _logger = null!;
    private List<ClientStatus> _asked = null!;
    private TaskCompletionSource<bool> _answer = null!;
    private TaskCompletionSource _question = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _time = new FakeTimeProvider();
        _logger = new FakeLogger<PresenceTracker>();
        _asked = [];
        _answer = new TaskCompletionSource<bool>();
        _question = new TaskCompletionSource();
        _tracker = new PresenceTracker(new PresenceOptions { ConfirmExpiry = AskAsync, ConfirmTimeout = TimeSpan.FromSeconds(2) }, _ticks, _time, _logger);
        _tracker.Join("zhangsan", "connection");
    }

    [TearDown]
    public void TearDown()
    {
        _answer.TrySetResult(true);
        _tracker.Dispose();
    }

    [TestCase(true, 0)]
    [TestCase(false, 1)]
    public async Task DueClient_ByTheAnswer_ExpiresOrStartsAfresh(bool isDead, int online)
    {
        _answer.SetResult(isDead);

        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_asked.Select(status => (status.ClientId, status.Count, status.State)), Is.EqualTo(new[] { ("zhangsan", 6, (object?)"connection") }));
        Assert.That(_tracker.OnlineCount, Is.EqualTo(online));
        Assert.That(_tracker.TryGetClient("zhangsan", out ClientStatus status) ? status.Count : 0, Is.Zero);
    }

    [Test]
    public async Task DueClient_WhileTheQuestionIsOpen_IsOnlineAndAskedAboutOnce()
    {
        _ticks.Advance(6);
        await _question.Task;
        _ticks.Advance(3);
        int online = _tracker.OnlineCount;
        _answer.SetResult(true);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That((online, _asked.Count, _tracker.OnlineCount), Is.EqualTo((1, 1, 0)));
    }

    [Test]
    public async Task DueClient_ThatBeatsWhileTheQuestionIsOpen_IsRescuedWhateverTheAnswer()
    {
        _ticks.Advance(6);
        await _question.Task;
        bool accepted = _tracker.Heartbeat("zhangsan");
        _answer.SetResult(true);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That((accepted, _tracker.OnlineCount), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task DueClient_WithoutAnAnswerInTime_Expires()
    {
        _ticks.Advance(6);
        await _question.Task;
        _time.Advance(TimeSpan.FromSeconds(1.999));
        int before = _tracker.OnlineCount;
        _time.Advance(TimeSpan.FromSeconds(0.001));
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That((before, _tracker.OnlineCount), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task DueClient_WhoseQuestionThrows_ExpiresAndItIsLogged()
    {
        _answer.SetException(new InvalidOperationException("ping"));

        _ticks.Advance(6);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_tracker.OnlineCount, Is.Zero);
        Assert.That(_logger.Collector.GetSnapshot().Select(record => (record.Id.Id, record.Exception?.Message)), Does.Contain((10, "ping")));
    }

    [Test]
    public async Task DueClient_ReplacedWhileTheQuestionIsOpen_LeavesTheNewSessionAlone()
    {
        _ticks.Advance(6);
        await _question.Task;
        SessionId session = _tracker.Join("zhangsan").Session;
        _answer.SetResult(true);
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_tracker.Heartbeat(session), Is.True);
    }

    [Test]
    public async Task DueClient_WhoseQuestionBlocksItsThread_ExpiresInTime()
    {
        using var release = new ManualResetEventSlim();
        using PresenceTracker tracker = Create(BlockUntil(release));
        try
        {
            tracker.Join("lisi");
            _ticks.Advance(6);
            await _question.Task;
            int before = tracker.OnlineCount;
            _time.Advance(TimeSpan.FromSeconds(2));
            await tracker.WhenCallbacksDoneAsync();

            Assert.That((before, tracker.OnlineCount), Is.EqualTo((1, 0)));
        }
        finally
        {
            release.Set();
        }
    }

    [Test]
    public async Task DueClient_WhoseQuestionIsLateAndThenThrows_IsExpiredAndNothingIsLogged()
    {
        _ticks.Advance(6);
        await _question.Task;
        _time.Advance(TimeSpan.FromSeconds(2)); // cancels the question, which throws for that
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That(_tracker.OnlineCount, Is.Zero);
        Assert.That(_logger.Collector.GetSnapshot().Select(record => record.Id.Id), Has.None.EqualTo(10));
    }

    [Test]
    public async Task DueClient_WhoseCancellationIsBlockedByTheHost_ExpiresInTime()
    {
        using var release = new ManualResetEventSlim();
        var cancelled = new TaskCompletionSource();
        using PresenceTracker tracker = Create((_, cancellationToken) =>
        {
            cancellationToken.Register(() =>
            {
                cancelled.SetResult();
                release.Wait(CancellationToken.None);
                throw new InvalidOperationException("cancelled");
            });
            _question.TrySetResult();
            return new ValueTask<bool>(_answer.Task);
        });
        try
        {
            tracker.Join("lisi");
            _ticks.Advance(6);
            await _question.Task;
            _time.Advance(TimeSpan.FromSeconds(2));
            await tracker.WhenCallbacksDoneAsync();
            await cancelled.Task;

            Assert.That(tracker.OnlineCount, Is.Zero);
        }
        finally
        {
            release.Set();
        }
    }

    [Test]
    public async Task Ration_OfQuestions_IsOfNewOnesAtEachTick()
    {
        int asked = 0;
        var tenEach = new SemaphoreSlim(0);
        using PresenceTracker tracker = Create(async (_, cancellationToken) =>
        {
            Interlocked.Increment(ref asked);
            tenEach.Release();
            return await _answer.Task.WaitAsync(cancellationToken);
        }, maxPerTick: 10);
        for (int client = 0; client < 40; client++)
        {
            tracker.Join($"client {client}");
        }

        _ticks.Advance(5);
        List<int> askedAtTick = [];
        for (int tick = 6; tick <= 10; tick++)
        {
            _ticks.Advance();
            for (int i = 0; i < 10 && tick < 10; i++)
            {
                await tenEach.WaitAsync();
            }

            askedAtTick.Add(Volatile.Read(ref asked));
        }

        _answer.SetResult(true);
        await tracker.WhenCallbacksDoneAsync();
        Assert.That(askedAtTick, Is.EqualTo(new[] { 10, 20, 30, 40, 40 }));
    }

    [Test]
    public async Task DueClient_WhoseAnswerComesWhileExpiryIsPaused_IsJudgedAfterThat()
    {
        _ticks.Advance(6);
        await _question.Task;
        using (_tracker.PauseExpiry())
        {
            _answer.SetResult(true);
            await _tracker.WhenCallbacksDoneAsync();
            Assert.That(_tracker.OnlineCount, Is.EqualTo(1));
        }

        _ticks.Advance();
        await _tracker.WhenCallbacksDoneAsync();

        Assert.That((_asked.Count, _tracker.OnlineCount), Is.EqualTo((2, 0)));
    }

    private PresenceTracker Create(Func<ClientStatus, CancellationToken, ValueTask<bool>> confirm, int? maxPerTick = null)
    {
        _tracker.Leave("zhangsan"); // or it would be asked about as well
        var options = new PresenceOptions { ConfirmExpiry = confirm, ConfirmTimeout = TimeSpan.FromSeconds(2), MassExpiryShare = 1, MaxExpirationsPerTick = maxPerTick };
        return new(options, _ticks, _time, _logger);
    }

    private Func<ClientStatus, CancellationToken, ValueTask<bool>> BlockUntil(ManualResetEventSlim release) => (_, _) =>
    {
        _question.TrySetResult();
        release.Wait(CancellationToken.None);
        return ValueTask.FromResult(true);
    };

    private async ValueTask<bool> AskAsync(ClientStatus status, CancellationToken cancellationToken)
    {
        _asked.Add(status);
        _question.TrySetResult();
        return await _answer.Task.WaitAsync(cancellationToken);
    }
}
