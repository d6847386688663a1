using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>A join or an end, on its way to the store.</summary>
/// <param name="Kind">The letter of the change: <see cref="ChangeLetters"/>.</param>
/// <param name="ClientId">The client id, as <see cref="StoredClientId"/> writes it.</param>
/// <param name="Stamp">Names the session.</param>
/// <param name="PublishedEpochs">The epochs under which the store may have it already; empty if it cannot.</param>
/// <param name="KnownToken">For a join that was answered before, its token; else 0.</param>
/// <param name="Tail">For a join what the session's entry ends with: <see cref="StoredTail"/>.</param>
internal readonly record struct PublishedOperation(RedisValue Kind, RedisValue ClientId, long Stamp, string PublishedEpochs, long KnownToken = 0, RedisValue Tail = default)
{
    public bool HasTail => !Tail.IsNullOrEmpty;
}
