using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Messages;

/// <summary>Messages for clients of this server, on their way to the host's callbacks: one after another, and never in the way of what else comes from the store.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class ClientMessages : IAsyncDisposable
{
    /// <summary>How many wait for slow callbacks before further ones are dropped.</summary>
    private const int Capacity = 10_000;

    private readonly PresenceTracker _tracker;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly RedisPresenceMetrics _metrics;
    private readonly Channel<ClusterMessage> _waiting;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Func<ClusterMessage, ValueTask>[] _callbacks = [];
    private Task? _running;

    public ClientMessages(PresenceTracker tracker, TimeProvider timeProvider, ILogger logger, RedisPresenceMetrics metrics)
    {
        (_tracker, _timeProvider, _logger, _metrics) = (tracker, timeProvider, logger, metrics);
        _waiting = Channel.CreateBounded<ClusterMessage>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }, _ => _metrics.MessageDropped());
    }

    /// <summary>Has a callback get every message.</summary>
    public IDisposable Register(Func<ClusterMessage, ValueTask> callback)
    {
        var registration = new Registration(this, message => callback(message)); // registered twice, it is two
        lock (_lock)
        {
            _callbacks = [.. _callbacks, registration.Callback];
            using AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow(); // that of whoever registers first
            _running ??= Task.Run(() => Loops.KeepAsync(RunAsync, _timeProvider, _logger, _stopping.Token));
        }

        return registration;
    }

    /// <summary>Takes in a message, if its client is online here.</summary>
    /// <returns>Whether it is.</returns>
    public bool Deliver(string clientId, ReadOnlyMemory<byte> content)
    {
        if (!_tracker.TryGetClient(clientId, out ClientStatus status))
        {
            return false;
        }

        _waiting.Writer.TryWrite(new ClusterMessage { ClientId = clientId, Session = status.Session, State = status.State, Content = content });
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _stopping.Dispose(); // a callback that hangs is not waited for
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        await foreach (ClusterMessage message in _waiting.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
        {
            foreach (Func<ClusterMessage, ValueTask> callback in Volatile.Read(ref _callbacks))
            {
                try
                {
                    await callback(message).ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    Log.MessageCallbackFailed(_logger, exception, message.ClientId);
                }
            }
        }
    }

    private sealed class Registration(ClientMessages messages, Func<ClusterMessage, ValueTask> callback) : IDisposable
    {
        public Func<ClusterMessage, ValueTask> Callback => callback;

        public void Dispose()
        {
            lock (messages._lock)
            {
                messages._callbacks = [.. messages._callbacks.Where(other => other != callback)];
            }
        }
    }
}
