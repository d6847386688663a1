using System.Text;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Heartbeats;

/// <summary>Heartbeats of this server's clients that came to other servers.</summary>
/// <remarks>
/// A message says when it was sent, by the store's clock: one that was held up on the way must not count as a sign of life of now, or a store that stands still would keep the dead.
/// Thread safety: any thread.
/// </remarks>
internal sealed class ForwardedHeartbeats(PresenceTracker tracker, StoreClock clock, TimeSpan maxAge, TimeProvider timeProvider, RedisPresenceMetrics metrics)
{
    public const byte Letter = (byte)'H';

    /// <summary>Writes what <see cref="Take"/> reads, after its letter.</summary>
    /// <param name="sentAt">The store's time, in microseconds.</param>
    /// <param name="clientIds">The clients.</param>
    public static byte[] Write(long sentAt, IEnumerable<string> clientIds)
    {
        using var message = new MemoryStream();
        message.Write(Encoding.ASCII.GetBytes($"{(char)Letter}{sentAt} "));
        foreach (string clientId in clientIds)
        {
            byte[] stored = StoredClientId.Write(clientId)!;
            message.Write(Encoding.ASCII.GetBytes($"{stored.Length}:"));
            message.Write(stored);
        }

        return message.ToArray();
    }

    /// <summary>Counts the heartbeats of a message.</summary>
    /// <exception cref="FormatException">It is none of ours.</exception>
    public void Take(ref MessageReader message)
    {
        bool isLate = clock.At(timeProvider.GetTimestamp()) - message.ReadNumber() > maxAge.TotalMicroseconds;
        while (!message.IsAtEnd)
        {
            string clientId = message.ReadClientId();
            if (isLate)
            {
                metrics.HeartbeatLate();
            }
            else if (clientId.Length > 0)
            {
                tracker.Heartbeat(clientId);
            }
        }
    }
}
