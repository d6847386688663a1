using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>Runs the host's callbacks for what happens to sessions: in order for one client id, in parallel across them.</summary>
/// <remarks>
/// Every delivery is a work item of its own on the thread pool, so one that blocks or never returns holds up only those that are
/// chained behind it, which are for the same client. Thread safety: <see cref="Enqueue"/> is called under the client id's lock.
/// </remarks>
internal sealed class ChangeCallbacks(PendingWork pending, ILogger logger, PresenceMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>For each client id that has deliveries under way, the one enqueued last.</summary>
    private readonly ConcurrentDictionary<string, Delivery> _last = new(StringComparer.Ordinal);

    private readonly Registrations<Registration> _registrations = new();

    public IDisposable Register(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback) => _registrations.Add(new Registration(kinds, callback));

    public bool IsWanted(PresenceChanges kind)
    {
        foreach (Registration registration in _registrations.Current)
        {
            if ((registration.Kinds & kind) != 0)
            {
                return true;
            }
        }

        return false;
    }

    public void Enqueue(in PresenceChange change)
    {
        pending.Begin();
        var delivery = new Delivery(this, change);
        bool isFirst = !_last.TryGetValue(change.ClientId, out Delivery? previous) || !previous.TryChain(delivery);
        _last[change.ClientId] = delivery;
        if (isFirst)
        {
            ThreadPool.UnsafeQueueUserWorkItem(delivery, preferLocal: false);
        }
    }

    private async Task RunAsync(PresenceChange change)
    {
        foreach (Registration registration in _registrations.Current)
        {
            if ((registration.Kinds & change.Kind) == 0)
            {
                continue;
            }

            long started = timeProvider.GetTimestamp();
            try
            {
                await registration.Callback(change).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                metrics.CallbackFailed();
                Log.CallbackFailed(logger, exception, change.Kind, change.ClientId, change.Session);
            }

            metrics.CallbackReturned(timeProvider.GetElapsedTime(started));
        }
    }

    private void OnDelivered() => pending.End();

    private sealed class Registration(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback)
    {
        public PresenceChanges Kinds => kinds;

        public Func<PresenceChange, ValueTask> Callback => callback;
    }

    /// <summary>One change on its way through all callbacks, and a link to the next of the same client.</summary>
    private sealed class Delivery(ChangeCallbacks owner, PresenceChange change) : IThreadPoolWorkItem
    {
        /// <summary>Null; or the delivery to run after this one; or this one itself, once it is done and takes no next.</summary>
        private Delivery? _next;

        /// <summary>Has the next delivery run after this one, unless this one is done.</summary>
        public bool TryChain(Delivery next) => Interlocked.CompareExchange(ref _next, next, null) is null;

        public void Execute() => _ = ExecuteAsync();

        private async Task ExecuteAsync()
        {
            try
            {
                await owner.RunAsync(change).ConfigureAwait(false);
            }
            finally
            {
                if (Interlocked.CompareExchange(ref _next, this, null) is { } next)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(next, preferLocal: false);
                }
                else
                {
                    owner._last.TryRemove(KeyValuePair.Create(change.ClientId, this));
                }

                owner.OnDelivered();
            }
        }
    }
}
