using System.Collections.Concurrent;

namespace Presence.Changes;

/// <summary>The host's callbacks. For one client id all of them see one order, and for one group; across those nothing waits for anything.</summary>
/// <remarks>
/// A change is told when all callbacks that were told of the client's earlier changes have returned, or were given up. Thread safety: changes are reported under the lock of the client id
/// or the group, which puts changes in order; the rest from anywhere.
/// </remarks>
internal sealed class ChangeCallbacks(PendingWork pending, CallbackRunner runner)
{
    private readonly Registrations<CallbackRegistration> _callbacks = new();

    /// <summary>For each client id that has deliveries under way, the one reported last.</summary>
    private readonly ConcurrentDictionary<string, ChangeDelivery> _lastOfClients = new(StringComparer.Ordinal);

    /// <summary>The same for groups.</summary>
    private readonly ConcurrentDictionary<string, ChangeDelivery> _lastOfGroups = new(StringComparer.Ordinal);

    public CallbackRunner Runner => runner;

    public IDisposable Register(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback) =>
        _callbacks.Add(registration => new CallbackRegistration(kinds, callback, registration));

    /// <summary>Whether any of the callbacks wants to be told of such a change.</summary>
    public bool Wants(PresenceChanges kind)
    {
        foreach (CallbackRegistration callback in _callbacks.Current)
        {
            if (callback.Wants(kind))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends a change on its way to the callbacks that want it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="done">Completed when they have returned or were given up; null if nobody waits.</param>
    public void Report(in PresenceChange change, TaskCompletionSource? done = null)
    {
        CallbackRegistration[] callbacks = Wanting(change.Kind);
        if (callbacks.Length == 0)
        {
            done?.SetResult();
            return;
        }

        pending.Begin();
        var delivery = new ChangeDelivery(this, change, callbacks, done);
        ConcurrentDictionary<string, ChangeDelivery> last = LastFor(change, out string key);
        bool isFirst = !last.TryGetValue(key, out ChangeDelivery? previous) || !previous.TryChain(delivery);
        last[key] = delivery;
        if (isFirst)
        {
            runner.Queue.Enqueue(delivery);
        }
    }

    /// <summary>A delivery is over: the next one of the client or group begins.</summary>
    public void OnOver(ChangeDelivery delivery)
    {
        if (delivery.Finish() is { } next)
        {
            runner.Queue.Enqueue(next);
        }
        else
        {
            LastFor(delivery.Change, out string key).TryRemove(KeyValuePair.Create(key, delivery)); // unless a later one stands there by now
        }

        delivery.Done?.SetResult();
        pending.End();
    }

    private ConcurrentDictionary<string, ChangeDelivery> LastFor(in PresenceChange change, out string key)
    {
        key = change.Group ?? change.ClientId;
        return change.Group is null ? _lastOfClients : _lastOfGroups;
    }

    private CallbackRegistration[] Wanting(PresenceChanges kind)
    {
        CallbackRegistration[] all = _callbacks.Current;
        foreach (CallbackRegistration callback in all)
        {
            if (!callback.Wants(kind))
            {
                return [.. all.Where(other => other.Wants(kind))];
            }
        }

        return all; // mostly, and without an array of its own
    }
}
