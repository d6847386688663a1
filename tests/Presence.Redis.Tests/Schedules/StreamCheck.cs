namespace Presence.Redis.Tests.Schedules;

/// <summary>Reads the changes of a cluster, and checks that each session joins once and ends once. It starts anew when it is told that changes were lost.</summary>
internal sealed class StreamCheck
{
    private readonly List<string> _wrong = [];
    private readonly Lock _lock = new();
    private Dictionary<string, long> _online = [];

    public string[] Wrong
    {
        get
        {
            lock (_lock)
            {
                return [.. _wrong];
            }
        }
    }

    /// <summary>Since when the stream is whole: whom it knows only from before is not judged.</summary>
    public int Restarts { get; private set; }

    public long Read { get; private set; }

    public async Task RunAsync(IPresenceCluster cluster, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                IAsyncEnumerable<ClusterChange> changes = await cluster.ReadChangesAsync(PresenceChanges.Joined | PresenceChanges.Ended | PresenceChanges.ServerLost, capacity: 1_000_000, stopping);
                _online = [];
                await foreach (ClusterChange change in changes.WithCancellation(stopping))
                {
                    Check(change);
                }

                return;
            }
            catch (Exception exception) when (exception is ChangesLostException or StackExchange.Redis.RedisException or TimeoutException)
            {
                Restarts++;
                await Task.Delay(50, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Check(in ClusterChange change)
    {
        lock (_lock)
        {
            Read++;
            bool isKnown = _online.TryGetValue(change.ClientId, out long token);
            if (change.Kind == PresenceChanges.Joined)
            {
                if (isKnown && token != 0)
                {
                    _wrong.Add($"joined while online with {token}: {change}");
                }

                _online[change.ClientId] = change.FencingToken;
            }
            else
            {
                if (isKnown && token != change.FencingToken)
                {
                    _wrong.Add($"ended while {(token == 0 ? "offline" : $"online with {token}")}: {change}");
                }

                _online[change.ClientId] = 0;
            }
        }
    }
}
