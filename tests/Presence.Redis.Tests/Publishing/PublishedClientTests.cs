using Microsoft.Extensions.Time.Testing;
using Presence.Redis.Publishing;
using Presence.Redis.Store;

namespace Presence.Redis.Tests.Publishing;

public class PublishedClientTests
{
    private readonly StoreClock _clock = new(new FakeTimeProvider());
    private readonly PublishedClient _client = new("ann", shard: 0);

    [Test]
    public void TrySend_AgainAfterAnAnswer_IsNoLaterThanItsToken()
    {
        var session = new SessionId(1);
        _client.Join(session, joinedAt: 0);
        _client.TrySend("epoch", _clock, out PublishedOperation first);
        _client.OnAnswered(first, "epoch", new PublishedResult(Token: 1000, Stamp: 5000)); // its stamp is ahead of when the store had it
        _client.PublishAgain();

        _client.TrySend("epoch", _clock, out PublishedOperation again);

        Assert.That(again.Stamp, Is.EqualTo(1000));
        Assert.That(_client.OnAnswered(again, "epoch", default), Is.EqualTo(session), "it is this session that must end");
    }
}
