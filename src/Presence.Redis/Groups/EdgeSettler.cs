using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Groups;

/// <summary>Has the store forget edges whose callbacks have run, many at a time: until then another server would run them, should this one die.</summary>
/// <remarks>Thread safety: any thread; one loop does the work.</remarks>
internal sealed class EdgeSettler(EdgeCallbacks callbacks, TakeoverStore store, Troubles troubles, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    private const string Trouble = "settling callbacks of groups";
    private const int MaxBatch = 500;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(() => Loops.KeepAsync(RunAsync, timeProvider, logger, _stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var batch = new List<OwedEdge>();
        while (await callbacks.Done.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            while (batch.Count < MaxBatch && callbacks.Done.TryRead(out OwedEdge edge))
            {
                batch.Add(edge);
            }

            foreach (IGrouping<int, OwedEdge> shard in batch.GroupBy(edge => edge.Shard))
            {
                await SettleAsync(shard.Key, [.. shard], stopping).ConfigureAwait(false);
            }

            batch.Clear();
        }
    }

    private async Task SettleAsync(int shard, OwedEdge[] edges, CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                await store.SettleAsync(shard, edges).ConfigureAwait(false);
                callbacks.Settle(edges);
                troubles.Clear(Trouble);
                return;
            }
            catch (Exception exception) when (StoreFailure.Is(exception))
            {
                troubles.Report(Trouble, exception);
                Log.SettlingGroupsFailed(logger, exception, edges.Length);
                await Task.Delay(RetryDelay, timeProvider, stopping).ConfigureAwait(false); // nobody but the store says that it is back
            }
        }
    }
}
