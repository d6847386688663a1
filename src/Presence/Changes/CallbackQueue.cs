using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>Runs one of the host's callbacks: in order for one client id, in parallel across them.</summary>
/// <remarks>
/// Every delivery is a work item of its own, so one that blocks or never returns holds up only those that are
/// chained behind it, which are for the same client. Thread safety: <see cref="Enqueue"/> is called under the client id's lock.
/// </remarks>
internal sealed class CallbackQueue(
    PresenceChanges kinds,
    Func<PresenceChange, ValueTask> callback,
    IDisposable registration,
    PendingWork pending,
    FairQueue queue,
    ILogger logger,
    PresenceMetrics metrics,
    TimeProvider timeProvider) : IDisposable
{
    /// <summary>For each client id that has deliveries under way, the one enqueued last.</summary>
    private readonly ConcurrentDictionary<string, Delivery> _last = new(StringComparer.Ordinal);

    private volatile bool _disposed;

    public bool Wants(PresenceChanges kind) => (kinds & kind) != 0;

    /// <summary>Has the callback told of a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="done">Completed when the callback has run, however it ended; null if nobody waits.</param>
    public void Enqueue(in PresenceChange change, TaskCompletionSource? done = null)
    {
        pending.Begin();
        var delivery = new Delivery(this, change, done);
        bool isFirst = !_last.TryGetValue(change.ClientId, out Delivery? previous) || !previous.TryChain(delivery);
        _last[change.ClientId] = delivery;
        if (isFirst)
        {
            queue.Enqueue(delivery);
        }
    }

    /// <summary>Runs the callback no more. One that has begun goes on.</summary>
    public void Dispose()
    {
        _disposed = true;
        registration.Dispose();
    }

    private async Task RunAsync(PresenceChange change)
    {
        if (_disposed)
        {
            return;
        }

        long started = timeProvider.GetTimestamp();
        try
        {
            await callback(change).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            metrics.CallbackFailed();
            Log.CallbackFailed(logger, exception, change.Kind, change.ClientId, change.Session);
        }

        metrics.CallbackReturned(timeProvider.GetElapsedTime(started));
    }

    private void OnDelivered(Delivery delivery, string clientId)
    {
        if (delivery.Finish() is { } next)
        {
            queue.Enqueue(next);
        }
        else
        {
            _last.TryRemove(KeyValuePair.Create(clientId, delivery));
        }

        pending.End();
    }

    /// <summary>One change on its way to the callback, and a link to the next of the same client.</summary>
    private sealed class Delivery(CallbackQueue owner, PresenceChange change, TaskCompletionSource? done) : IThreadPoolWorkItem
    {
        /// <summary>Null; or the delivery to run after this one; or this one itself, once it is done and takes no next.</summary>
        private Delivery? _next;

        /// <summary>Has the next delivery run after this one, unless this one is done.</summary>
        public bool TryChain(Delivery next) => Interlocked.CompareExchange(ref _next, next, null) is null;

        /// <summary>Takes no next any more.</summary>
        /// <returns>The one that came before that.</returns>
        public Delivery? Finish() => Interlocked.CompareExchange(ref _next, this, null);

        public void Execute() => _ = ExecuteAsync();

        private async Task ExecuteAsync()
        {
            try
            {
                await owner.RunAsync(change).ConfigureAwait(false);
            }
            finally
            {
                owner.OnDelivered(this, change.ClientId);
                done?.TrySetResult();
            }
        }
    }
}
