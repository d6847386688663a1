using Presence.Redis.Store;

namespace Presence.Redis.Heartbeats;

/// <summary>Gathers heartbeats that came to this server for clients of others, and sends them on together.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class HeartbeatForwarder(SessionStore sessions, TimeSpan interval, TimeProvider timeProvider)
{
    /// <summary>How many clients are gathered before they are sent without further waiting.</summary>
    private const int MaxGathered = 10_000;

    private readonly Lock _lock = new();
    private Batch? _gathering;

    /// <summary>Sends a heartbeat on with the next batch.</summary>
    /// <returns>Whether a server holds the client.</returns>
    public async Task<bool> ForwardAsync(string clientId)
    {
        Batch batch = Add(clientId);
        IReadOnlySet<string> held = await batch.Sent.ConfigureAwait(false);
        return held.Contains(clientId);
    }

    private Batch Add(string clientId)
    {
        lock (_lock)
        {
            if (_gathering is null)
            {
                _gathering = new Batch();
                _gathering.Sent = SendLaterAsync(_gathering);
            }

            Batch batch = _gathering;
            batch.ClientIds.Add(clientId); // twice in one interval is once: a heartbeat says that the client lives
            if (batch.ClientIds.Count == MaxGathered)
            {
                _gathering = null;
                batch.Full.SetResult();
            }

            return batch;
        }
    }

    private async Task<IReadOnlySet<string>> SendLaterAsync(Batch batch)
    {
        await Task.WhenAny(Task.Delay(interval, timeProvider), batch.Full.Task).ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller holds the lock
        lock (_lock)
        {
            _gathering = _gathering == batch ? null : _gathering;
        }

        return await sessions.ForwardAsync([.. batch.ClientIds]).ConfigureAwait(false);
    }

    private sealed class Batch
    {
        public HashSet<string> ClientIds { get; } = new(StringComparer.Ordinal);

        public TaskCompletionSource Full { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<IReadOnlySet<string>> Sent { get; set; } = null!;
    }
}
