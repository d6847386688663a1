using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>A client of a dead server, claimed.</summary>
/// <param name="Shard">The shard it is in.</param>
/// <param name="StoredClientId">The client id, as <see cref="Store.StoredClientId"/> writes it.</param>
/// <param name="Stamp">Names its session, with the epoch.</param>
/// <param name="Token">Its fencing token.</param>
internal readonly record struct Claim(int Shard, RedisValue StoredClientId, long Stamp, long Token);
