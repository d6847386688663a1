using System.Threading.Channels;
using Presence.Redis.Store;

namespace Presence.Redis.Groups;

/// <summary>The groups that this server holds occupied in the store, as they linger in its tracker, and those that it is to release.</summary>
/// <remarks>
/// The tracker alone says how long a group lingers. What it tells and what the store answers come in any order, so each looks at the other. Thread safety: any thread.
/// </remarks>
internal sealed class GroupHolds(PresenceTracker tracker, bool hasEdges)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, GroupHold> _held = new(StringComparer.Ordinal);
    private readonly Channel<GroupHold> _released = Channel.CreateUnbounded<GroupHold>();
    private TaskCompletionSource? _none;
    private long _releasing;
    private volatile bool _isClosed;

    /// <summary>Those that the store is to let go.</summary>
    public ChannelReader<GroupHold> Released => _released.Reader;

    /// <summary>Whether the store has something of ours that it is not known to have let go.</summary>
    public bool HasAny
    {
        get
        {
            lock (_lock)
            {
                return _held.Count > 0 || _releasing > 0;
            }
        }
    }

    /// <summary>Whether a group that a member leaves stays occupied here: it lingers, or there are other members.</summary>
    public bool IsLingering(string group) => hasEdges && !_isClosed && tracker.Groups.IsOccupied(group);

    /// <summary>Takes in that the store has this server hold a group.</summary>
    public void Add(GroupHold hold)
    {
        lock (_lock)
        {
            _held[hold.Group] = hold;
        }

        if (!IsLingering(hold.Group)) // that may have been told before
        {
            OnVacated(hold.Group);
        }
    }

    /// <summary>Takes in that the tracker tells a group vacated.</summary>
    public void OnVacated(string group)
    {
        lock (_lock)
        {
            if (_held.Remove(group, out GroupHold hold))
            {
                _releasing++;
                _released.Writer.TryWrite(hold);
            }
        }
    }

    /// <summary>Takes in that the store has let some go, or has lost the epoch that held them.</summary>
    public void OnReleased(int count)
    {
        lock (_lock)
        {
            _releasing -= count;
            if (_held.Count == 0 && _releasing == 0)
            {
                _none?.TrySetResult();
            }
        }
    }

    /// <summary>Waits until there are none, while none comes.</summary>
    public Task WhenNoneAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _held.Count == 0 && _releasing == 0 ? Task.CompletedTask : _none.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets all go, and holds none any more.</summary>
    public void Close()
    {
        _isClosed = true;
        string[] groups;
        lock (_lock)
        {
            groups = [.. _held.Keys];
        }

        Array.ForEach(groups, OnVacated);
    }
}
