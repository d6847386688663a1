using Microsoft.Extensions.Time.Testing;
using Presence.Redis.Publishing;
using Presence.Redis.Store;

namespace Presence.Redis.Tests.Publishing;

public class PublishedClientTests
{
    private readonly StoreClock _clock = new(new FakeTimeProvider());
    private PublishedClient _client = null!;

    [SetUp]
    public void NewClient() => _client = new PublishedClient("ann", shard: 0);

    [Test]
    public void TrySend_AgainAfterAnAnswer_IsNoLaterThanItsToken()
    {
        var session = new SessionId(1);
        _client.Join(session, joinedAt: 0, [], []);
        _client.TrySend("epoch", _clock, out PublishedOperation first);
        _client.OnAnswered(first, "epoch", new PublishedResult(Token: 1000, Stamp: 5000)); // its stamp is ahead of when the store had it
        _client.PublishAgain();

        _client.TrySend("epoch", _clock, out PublishedOperation again);

        Assert.That(again.Stamp, Is.EqualTo(1000));
        Assert.That(_client.OnAnswered(again, "epoch", default), Is.EqualTo(session), "it is this session that must end");
    }

    [Test]
    public async Task WhenPublished_Cancelled_LeavesNothingBehind()
    {
        using var patience = new CancellationTokenSource();
        Task<long?>[] waits = [.. Enumerable.Range(1, 3).Select(i => _client.WhenPublished(new SessionId((ulong)i), patience.Token))];
        Task<long?> other = _client.WhenPublished(new SessionId(1), CancellationToken.None);

        await patience.CancelAsync();

        await Assert.ThatAsync(() => Task.WhenAll(waits), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_client.IsForgettable, Is.False, "one waits");
        _client.End(new SessionId(1), PresenceChanges.Left);
        Assert.That(await other, Is.Null);
        Assert.That(_client.IsForgettable);
    }

    [Test]
    public void TrySend_UnansweredUnderSeveralEpochs_NamesThemAll()
    {
        _client.Join(new SessionId(1), joinedAt: 0, [], []);
        foreach (string epoch in (string[])["first", "second", "second"])
        {
            _client.TrySend(epoch, _clock, out _);
            _client.OnUnanswered();
        }

        _client.TrySend("third", _clock, out PublishedOperation operation);

        Assert.That(operation.PublishedEpochs, Is.EqualTo("first,second"));
    }
}
