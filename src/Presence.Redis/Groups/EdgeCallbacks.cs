using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Groups;

/// <summary>Runs the callbacks of edges that this server owes, those of one group one after another, and hands on each that has run.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class EdgeCallbacks(bool hasEdges, GroupHolds holds, ILogger logger) : IGroupDuties
{
    private readonly Lock _lock = new();
    private readonly HashSet<OwedEdge> _owed = []; // and not settled: an answer of the store may name one again
    private readonly Dictionary<string, Queue<OwedEdge>> _running = new(StringComparer.Ordinal);
    private readonly Channel<OwedEdge> _done = Channel.CreateUnbounded<OwedEdge>();
    private Func<ClusterGroupChange, ValueTask>[] _callbacks = [];
    private TaskCompletionSource? _settled;
    private int _mayHaveMissed;

    public string Mode => !hasEdges ? "" : Volatile.Read(ref _callbacks).Length > 0 ? "c" : "s";

    /// <summary>Edges whose callbacks have run, and which the store is to forget.</summary>
    public ChannelReader<OwedEdge> Done => _done.Reader;

    /// <summary>Whether this server owes something, or may owe it.</summary>
    public bool HasUnsettled
    {
        get
        {
            lock (_lock)
            {
                return _owed.Count > 0 || Volatile.Read(ref _mayHaveMissed) == 1;
            }
        }
    }

    /// <exception cref="NotSupportedException">Nothing is told of edges.</exception>
    public void ThrowIfNone()
    {
        if (!hasEdges)
        {
            throw new NotSupportedException(
                $"Changes of groups over all servers are told only with {nameof(RedisPresenceOptions)}.{nameof(RedisPresenceOptions.Shards)} = 1: with more, no single script sees all of a group.");
        }
    }

    public IDisposable Register(Func<ClusterGroupChange, ValueTask> callback)
    {
        ThrowIfNone();
        var registration = new Registration(this, change => callback(change)); // registered twice, it is two
        lock (_lock)
        {
            _callbacks = [.. _callbacks, registration.Callback];
        }

        return registration;
    }

    public void Take(IReadOnlyList<OwedEdge> edges)
    {
        lock (_lock)
        {
            foreach (OwedEdge edge in edges)
            {
                if (!_owed.Add(edge))
                {
                    continue;
                }

                if (_running.TryGetValue(edge.Group, out Queue<OwedEdge>? waiting))
                {
                    waiting.Enqueue(edge);
                }
                else
                {
                    _running.Add(edge.Group, waiting = new Queue<OwedEdge>([edge]));
                    _ = Task.Run(() => RunAsync(edge.Group, waiting));
                }
            }
        }
    }

    public void Take(IReadOnlyList<GroupHold> taken)
    {
        foreach (GroupHold hold in taken)
        {
            holds.Add(hold);
        }
    }

    public void MayHaveMissed() => Volatile.Write(ref _mayHaveMissed, hasEdges ? 1 : 0);

    /// <summary>Whether the store is to be asked what this server owes. Whoever asks does so, or says again that some may be missed.</summary>
    public bool TakeMustAsk() => Interlocked.Exchange(ref _mayHaveMissed, 0) == 1;

    /// <summary>Takes in that the store has forgotten some.</summary>
    public void Settle(IEnumerable<OwedEdge> edges)
    {
        lock (_lock)
        {
            _owed.ExceptWith(edges);
            if (_owed.Count == 0)
            {
                _settled?.TrySetResult();
            }
        }
    }

    /// <summary>Waits until none is owed, while none comes.</summary>
    public Task WhenSettledAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _owed.Count == 0 ? Task.CompletedTask : _settled.Task.WaitAsync(cancellationToken);
        }
    }

    private async Task RunAsync(string group, Queue<OwedEdge> waiting)
    {
        while (true)
        {
            OwedEdge edge;
            lock (_lock)
            {
                if (!waiting.TryDequeue(out edge))
                {
                    _running.Remove(group);
                    return;
                }
            }

            foreach (Func<ClusterGroupChange, ValueTask> callback in Volatile.Read(ref _callbacks))
            {
                try
                {
                    await callback(new ClusterGroupChange { Kind = edge.Kind, Group = group, Number = edge.Number }).ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    Log.GroupCallbackFailed(logger, exception, group);
                }
            }

            _done.Writer.TryWrite(edge);
        }
    }

    private sealed class Registration(EdgeCallbacks callbacks, Func<ClusterGroupChange, ValueTask> callback) : IDisposable
    {
        public Func<ClusterGroupChange, ValueTask> Callback => callback;

        public void Dispose()
        {
            lock (callbacks._lock)
            {
                callbacks._callbacks = [.. callbacks._callbacks.Where(other => other != callback)];
            }
        }
    }
}
