using System.Collections.Concurrent;

namespace Presence.Changes;

/// <summary>The host's callbacks. For one client id all of them see one order; across client ids nothing waits for anything.</summary>
/// <remarks>
/// A change is told when all callbacks that were told of the client's earlier changes have returned, or were given up. Thread safety: changes are reported under the client id's
/// lock, which puts changes in order; the rest from anywhere.
/// </remarks>
internal sealed class ChangeCallbacks(PendingWork pending, CallbackRunner runner)
{
    private readonly Registrations<CallbackRegistration> _callbacks = new();

    /// <summary>For each client id that has deliveries under way, the one reported last.</summary>
    private readonly ConcurrentDictionary<string, ChangeDelivery> _last = new(StringComparer.Ordinal);

    public CallbackRunner Runner => runner;

    public IDisposable Register(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback) =>
        _callbacks.Add(registration => new CallbackRegistration(kinds, callback, registration));

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
        bool isFirst = !_last.TryGetValue(change.ClientId, out ChangeDelivery? previous) || !previous.TryChain(delivery);
        _last[change.ClientId] = delivery;
        if (isFirst)
        {
            runner.Queue.Enqueue(delivery);
        }
    }

    /// <summary>A delivery is over: the client's next one begins.</summary>
    public void OnOver(ChangeDelivery delivery)
    {
        if (delivery.Finish() is { } next)
        {
            runner.Queue.Enqueue(next);
        }
        else
        {
            _last.TryRemove(KeyValuePair.Create(delivery.Change.ClientId, delivery)); // unless a later one stands there by now
        }

        delivery.Done?.SetResult();
        pending.End();
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
