using Microsoft.Extensions.Logging;
using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>Who is told what happens to sessions: callbacks and streams, none of which waits for another.</summary>
/// <remarks>Thread safety: changes are reported under the client id's lock, which puts changes in order; the rest from anywhere.</remarks>
internal sealed class ChangeCallbacks(PendingWork pending, FairQueue queue, ILogger logger, PresenceMetrics metrics, TimeProvider timeProvider)
{
    private readonly Registrations<CallbackQueue> _callbacks = new();
    private readonly Registrations<ChangeBuffer> _streams = new();
    private bool _areStreamsComplete;

    public IDisposable Register(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback) =>
        _callbacks.Add(registration => new CallbackQueue(kinds, callback, registration, pending, queue, logger, metrics, timeProvider));

    public IAsyncEnumerable<PresenceChange> Stream(PresenceChanges kinds, int capacity)
    {
        ChangeBuffer stream = _streams.Add(registration => new ChangeBuffer(kinds, capacity, registration));
        if (Volatile.Read(ref _areStreamsComplete))
        {
            stream.Complete(); // it was added as the tracker was disposed of, and perhaps too late to be seen there
        }

        return new ChangeStream(stream);
    }

    public void CompleteStreams()
    {
        Interlocked.Exchange(ref _areStreamsComplete, true); // a full fence: whoever adds a stream sees this, or is seen below
        Array.ForEach(_streams.Current, stream => stream.Complete());
    }

    /// <summary>Sends a change on its way to those who want it.</summary>
    public void Report(PresenceChanges kind, in ClientStatus status) => Send(new PresenceChange
    {
        Kind = kind,
        ClientId = status.ClientId,
        Session = status.Session,
        Count = status.Count,
        ExpireAfter = status.ExpireAfter,
        State = status.State,
    });

    /// <summary>Sends word of another server's session on its way.</summary>
    /// <returns>A task that completes when the callbacks have run.</returns>
    public Task ReportServerLost(string clientId, long fencingToken)
    {
        var delivered = new List<Task>();
        Send(
            new PresenceChange
            {
                Kind = PresenceChanges.ServerLost,
                ClientId = clientId,
                Session = SessionId.None,
                Count = 0,
                ExpireAfter = 0,
                FencingToken = fencingToken,
            },
            delivered);
        return Task.WhenAll(delivered);
    }

    private void Send(in PresenceChange change, List<Task>? delivered = null)
    {
        foreach (ChangeBuffer stream in _streams.Current)
        {
            if (stream.Wants(change.Kind))
            {
                stream.Write(change);
            }
        }

        foreach (CallbackQueue callback in _callbacks.Current)
        {
            if (!callback.Wants(change.Kind))
            {
                continue;
            }

            TaskCompletionSource? done = delivered is null ? null : new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (done is not null)
            {
                delivered!.Add(done.Task);
            }

            callback.Enqueue(change, done);
        }
    }
}
