using Microsoft.Extensions.Logging;
using Presence.Redis.Groups;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Publishing;

/// <summary>What all lanes of a publisher share.</summary>
internal sealed record LaneServices(
    SessionStore Store,
    StoreClock Clock,
    PublishedClients Clients,
    Outstanding Outstanding,
    EpochGate Gate,
    GroupHolds Holds,
    Troubles Troubles,
    RedisPresenceMetrics Metrics,
    TimeProvider TimeProvider,
    ILogger Logger,
    Action<string> OnEpochLost,
    Action<SessionId> EndReplaced);
