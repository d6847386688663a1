using Microsoft.Extensions.Logging;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Publishing;

/// <summary>What all servers see of a session's state, as the host's code gives it.</summary>
/// <remarks>Thread safety: as the host's code.</remarks>
internal sealed class PublishedStates(Func<object?, ReadOnlyMemory<byte>>? select, ILogger logger)
{
    /// <summary>Whether there is any.</summary>
    public bool AreUsed => select is not null;

    /// <summary>What is seen of a state; empty if that is nothing, or if it can't be had.</summary>
    public byte[] Of(string clientId, object? state)
    {
        if (select is null)
        {
            return [];
        }

        try
        {
            ReadOnlyMemory<byte> published = select(state);
            if (published.Length <= RedisPresenceOptions.MaxState)
            {
                return published.ToArray();
            }

            Log.StateTooLong(logger, clientId, published.Length, RedisPresenceOptions.MaxState);
        }
        catch (Exception exception)
        {
            Log.StateFailed(logger, exception, clientId);
        }

        return [];
    }
}
