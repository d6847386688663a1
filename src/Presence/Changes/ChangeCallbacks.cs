using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>Who is told what happens to sessions: callbacks and streams, none of which waits for another.</summary>
/// <remarks>Thread safety: <see cref="Report"/> is called under the client id's lock, which puts changes in order; the rest from anywhere.</remarks>
internal sealed class ChangeCallbacks(PendingWork pending, FairQueue queue, ILogger logger, PresenceMetrics metrics, TimeProvider timeProvider)
{
    private readonly Registrations<CallbackQueue> _callbacks = new();
    private readonly Registrations<ChangeStream> _streams = new();
    private bool _areStreamsComplete;

    public IDisposable Register(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback) =>
        _callbacks.Add(registration => new CallbackQueue(kinds, callback, registration, pending, queue, logger, metrics, timeProvider));

    public IAsyncEnumerable<PresenceChange> Stream(PresenceChanges kinds, int capacity)
    {
        ChangeStream stream = _streams.Add(registration => new ChangeStream(kinds, capacity, registration));
        if (Volatile.Read(ref _areStreamsComplete))
        {
            stream.Complete(); // it was added as the tracker was disposed of, and perhaps too late to be seen there
        }

        return stream;
    }

    public void CompleteStreams()
    {
        Interlocked.Exchange(ref _areStreamsComplete, true); // a full fence: whoever adds a stream sees this, or is seen below
        Array.ForEach(_streams.Current, stream => stream.Complete());
    }

    /// <summary>Sends a change on its way to those who want it.</summary>
    public void Report(PresenceChanges kind, in ClientStatus status)
    {
        PresenceChange change = new()
        {
            Kind = kind,
            ClientId = status.ClientId,
            Session = status.Session,
            Count = status.Count,
            ExpireAfter = status.ExpireAfter,
            State = status.State,
        };
        foreach (ChangeStream stream in _streams.Current)
        {
            if (stream.Wants(kind))
            {
                stream.Write(change);
            }
        }

        foreach (CallbackQueue callback in _callbacks.Current)
        {
            if (callback.Wants(kind))
            {
                callback.Enqueue(change);
            }
        }
    }
}
