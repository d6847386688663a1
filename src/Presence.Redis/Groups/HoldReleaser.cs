using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Groups;

/// <summary>Has the store let go of groups that have lingered, many at a time.</summary>
/// <remarks>Thread safety: any thread; one loop does the work.</remarks>
internal sealed class HoldReleaser(GroupHolds holds, HoldStore store, IGroupDuties duties, Troubles troubles, TimeProvider timeProvider, ILogger logger) : IAsyncDisposable
{
    private const string Trouble = "releasing groups that lingered";
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
        var batch = new List<GroupHold>();
        while (await holds.Released.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            while (batch.Count < MaxBatch && holds.Released.TryRead(out GroupHold hold))
            {
                batch.Add(hold);
            }

            foreach (IGrouping<string, GroupHold> epoch in batch.GroupBy(hold => hold.Epoch))
            {
                await ReleaseAsync(epoch.Key, [.. epoch], stopping).ConfigureAwait(false);
            }

            batch.Clear();
        }
    }

    private async Task ReleaseAsync(string epoch, GroupHold[] released, CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                await store.ReleaseAsync(epoch, released).ConfigureAwait(false);
                troubles.Clear(Trouble);
                break;
            }
            catch (EpochLostException)
            {
                break; // whoever takes over from that epoch releases them, be it this server
            }
            catch (Exception exception) when (StoreFailure.Is(exception))
            {
                duties.MayHaveMissed();
                troubles.Report(Trouble, exception);
                Log.ReleasingGroupsFailed(logger, exception, released.Length);
                await Task.Delay(RetryDelay, timeProvider, stopping).ConfigureAwait(false); // nobody but the store says that it is back
            }
        }

        holds.OnReleased(released.Length);
    }
}
