namespace Presence.Udp.Sending;

/// <summary>Time since a group of senders was made, which decides; and the time of day, which is only shown.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class SenderClock(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();

    public TimeSpan Now => timeProvider.GetElapsedTime(_start);

    public DateTimeOffset UtcNow => timeProvider.GetUtcNow();
}
