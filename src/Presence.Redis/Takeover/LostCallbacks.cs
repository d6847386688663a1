using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Takeover;

/// <summary>Runs the callbacks of verdicts, and has the store forget them when all of them have run: until then another server would run them, should this one die.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class LostCallbacks(PresenceTracker tracker, TakeoverStore store, Troubles troubles, TimeProvider timeProvider, ILogger logger)
{
    private const string Trouble = "settling callbacks of lost servers";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ToldVerdicts _told = new();
    private volatile bool _isStopped;

    /// <summary>Runs the callbacks of one shard's verdicts, unless they ran or are running here.</summary>
    public void Tell(IReadOnlyList<Verdict> verdicts)
    {
        Verdict[] mine = [.. verdicts.Where(_told.TryTell)];
        if (mine.Length > 0)
        {
            _ = TellAndSettleAsync(mine);
        }
    }

    /// <summary>Forgets what was told and settled. No takeover is running.</summary>
    public void ForgetSettled() => _told.ForgetSettled();

    /// <summary>Settles nothing more.</summary>
    /// <returns>Whether something is left for another server.</returns>
    public bool Stop()
    {
        _isStopped = true;
        return _told.HasUnsettled;
    }

    private async Task TellAndSettleAsync(Verdict[] verdicts)
    {
        try
        {
            await Task.WhenAll(verdicts.Select(verdict => tracker.TellServerLostAsync(verdict.ClientId, verdict.Token))).ConfigureAwait(false);
            await SettleAsync(verdicts).ConfigureAwait(false);
        }
        catch (ObjectDisposedException exception)
        {
            Log.CallbacksLeft(logger, exception, verdicts.Length);
        }
        catch (Exception exception)
        {
            Log.LoopFailed(logger, exception);
        }
    }

    private async Task SettleAsync(Verdict[] verdicts)
    {
        while (!_isStopped)
        {
            try
            {
                await store.SettleAsync(verdicts[0].Shard, verdicts).ConfigureAwait(false);
                Array.ForEach(verdicts, _told.Settle);
                troubles.Clear(Trouble);
                return;
            }
            catch (Exception exception) when (StoreFailure.Is(exception))
            {
                troubles.Report(Trouble, exception);
                Log.SettlingFailed(logger, exception, verdicts.Length);
                await Task.Delay(RetryDelay, timeProvider).ConfigureAwait(false); // nobody but the store says that it is back
            }
        }
    }
}
