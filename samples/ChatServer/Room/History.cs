using Presence;

namespace ChatServer;

/// <summary>What happened last, for the page.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class History
{
    private const int EventsKept = 20;

    private readonly Lock _gate = new(); // guards the queue
    private readonly Queue<RoomEvent> _events = new();
    private readonly TimeProvider _timeProvider;

    public History(IPresenceTracker tracker, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        tracker.OnChange(PresenceChanges.Suspected | PresenceChanges.Recovered, change =>
        {
            Note(change.ClientId, change.Kind == PresenceChanges.Suspected ? "suspected" : "recovered");
            return default;
        });
    }

    /// <summary>Keeps what happened, and forgets the oldest.</summary>
    public void Note(string user, string what, string? server = null)
    {
        lock (_gate)
        {
            _events.Enqueue(new RoomEvent(_timeProvider.GetUtcNow(), user, what, server));
            if (_events.Count > EventsKept)
            {
                _events.Dequeue();
            }
        }
    }

    /// <summary>What was kept, the newest first.</summary>
    public IReadOnlyList<RoomEvent> Read()
    {
        lock (_gate)
        {
            return [.. _events.Reverse()];
        }
    }
}
