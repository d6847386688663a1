using Presence.Tests;

namespace Presence.Redis.Tests;

[TestFixture]
public sealed class RedisPresenceOptionsBindingTests() : OptionBindingTests<RedisPresenceOptions>(
    new Dictionary<string, (string, object)>
    {
        [nameof(RedisPresenceOptions.KeyPrefix)] = ("\"chat\"", "chat"),
        [nameof(RedisPresenceOptions.ServerName)] = ("\"a\"", "a"),
        [nameof(RedisPresenceOptions.Shards)] = ("4", 4),
        [nameof(RedisPresenceOptions.Lease)] = ("\"00:00:30\"", TimeSpan.FromSeconds(30)),
        [nameof(RedisPresenceOptions.Grace)] = ("\"00:00:00\"", TimeSpan.Zero),
        [nameof(RedisPresenceOptions.HandOver)] = ("false", false),
        [nameof(RedisPresenceOptions.ForwardInterval)] = ("\"00:00:00.2\"", TimeSpan.FromSeconds(0.2)),
    },
    nameof(RedisPresenceOptions.Configuration), // AddRedis(string) takes it as text
    nameof(RedisPresenceOptions.Connection),
    nameof(RedisPresenceOptions.PublishedState));
