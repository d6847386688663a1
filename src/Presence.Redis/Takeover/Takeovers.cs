using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Takeover;

/// <summary>Takes over the clients of dead servers: claims them, waits their grace, ends those who did not come back, and runs the callbacks.</summary>
/// <remarks>
/// Every step gives the same when done again, and what is not finished begins anew with the next renewal, here or on another
/// server. Thread safety: any thread.
/// </remarks>
internal sealed class Takeovers(
    PresenceTracker tracker, PresenceStore store, ServerNames names, TimeSpan grace, TimeProvider timeProvider, ILogger logger, RedisPresenceMetrics metrics)
    : IAsyncDisposable
{
    /// <summary>How many clients are ended by one script: about a millisecond of the store's time.</summary>
    private const int VerdictsAtOnce = 250;

    private static readonly TimeSpan SettleRetryDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>Clients that were claimed and not judged.</summary>
    private readonly ConcurrentDictionary<Claim, bool> _claimed = new();

    /// <summary>Callbacks that run, so that a takeover that begins again does not run them a second time in this process.</summary>
    private readonly ConcurrentDictionary<Verdict, bool> _owed = new();

    private readonly Lock _lock = new();
    private CancellationTokenSource _abandoning = new();
    private long _heldFrom;
    private TimeSpan _heldFor;
    private volatile bool _isStopped;

    /// <summary>Takes over from a dead epoch, unless that is under way.</summary>
    /// <param name="me">This server's epoch.</param>
    /// <param name="dead">The dead one.</param>
    /// <param name="isOwn">Whether that was this server's, so that whatever it did not publish anew has left.</param>
    public void Begin(string me, string dead, bool isOwn)
    {
        lock (_lock)
        {
            if (!_isStopped && !_running.ContainsKey(dead))
            {
                CancellationToken abandoned = _abandoning.Token;
                _running[dead] = Task.Run(() => RunAsync(me, dead, isOwn, abandoned), CancellationToken.None);
            }
        }
    }

    /// <summary>Stops what was begun under an epoch that is lost: others have claimed it.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoning.Cancel();
            _abandoning.Dispose();
            _abandoning = new CancellationTokenSource();
        }
    }

    /// <summary>Ends nobody's session for a while: the store was away, and clients may be about to log in again.</summary>
    public void HoldVerdicts(TimeSpan time)
    {
        lock (_lock)
        {
            (_heldFrom, _heldFor) = (timeProvider.GetTimestamp(), time);
        }
    }

    /// <summary>Stops, and leaves what is not finished to others.</summary>
    /// <returns>Whether anything is not finished.</returns>
    public async Task<bool> StopAsync()
    {
        lock (_lock)
        {
            _isStopped = true;
            _abandoning.Cancel();
        }

        bool isUnfinished = !_running.IsEmpty || !_owed.IsEmpty;
        await Task.WhenAll(_running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return isUnfinished;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _abandoning.Dispose();
    }

    private async Task RunAsync(string me, string dead, bool isOwn, CancellationToken abandoned)
    {
        var claims = new List<Claim>();
        try
        {
            await TakeOverAsync(me, dead, isOwn, claims, abandoned).ConfigureAwait(false);
        }
        catch (Exception exception) when (PresenceStore.IsStoreFailure(exception) || exception is EpochLostException or FormatException)
        {
            Log.TakeoverFailed(logger, exception, dead);
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            // Others have it now.
        }
        finally
        {
            claims.ForEach(claim => _claimed.TryRemove(claim, out _));
            lock (_lock) // so that it was put there before
            {
                _running.TryRemove(dead, out _);
            }
        }
    }

    private async Task TakeOverAsync(string me, string dead, bool isOwn, List<Claim> claims, CancellationToken abandoned)
    {
        string server = await names.OfAsync(dead).ConfigureAwait(false);
        if (!isOwn)
        {
            Log.TakingOver(logger, server, dead);
        }

        long started = timeProvider.GetTimestamp();
        await foreach (Claim claim in store.ClaimAsync(me, dead, isOwn, abandoned).ConfigureAwait(false))
        {
            // The store answers with everything that this server has claimed: a page may come twice, or be another takeover's.
            if (_claimed.TryAdd(claim, true))
            {
                claims.Add(claim);
            }
        }

        TimeSpan duration = timeProvider.GetElapsedTime(started);
        metrics.Claimed(claims.Count);
        var inherited = new HashSet<Verdict>();
        await foreach (Verdict verdict in store.InheritAsync(me, dead, abandoned).ConfigureAwait(false))
        {
            inherited.Add(verdict);
        }

        foreach (Verdict[] chunk in inherited.GroupBy(verdict => verdict.Shard).SelectMany(shard => shard.Chunk(VerdictsAtOnce)))
        {
            _ = TellAndSettleAsync(chunk);
        }

        int lost = 0;
        if (claims.Count > 0)
        {
            await Task.Delay(grace, timeProvider, abandoned).ConfigureAwait(false);
            foreach (Claim[] chunk in claims.GroupBy(claim => claim.Shard).SelectMany(shard => shard.Chunk(VerdictsAtOnce)))
            {
                await WhileHeldAsync(abandoned).ConfigureAwait(false);
                List<Verdict> verdicts = await store.EndClaimedAsync(me, chunk[0].Shard, chunk).ConfigureAwait(false);
                lost += verdicts.Count;
                _ = TellAndSettleAsync([.. verdicts]);
            }
        }

        await store.ForgetAsync(me, dead).ConfigureAwait(false);
        metrics.Lost(lost);
        if (!isOwn)
        {
            Log.TakenOver(logger, server, dead, claims.Count, duration, lost);
        }
    }

    private async Task WhileHeldAsync(CancellationToken abandoned)
    {
        while (true)
        {
            TimeSpan left;
            lock (_lock)
            {
                left = _heldFor - timeProvider.GetElapsedTime(_heldFrom);
            }

            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(left, timeProvider, abandoned).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the callbacks, and has the store forget them when all of them have run: until then another server would run them, should this one die.</summary>
    private async Task TellAndSettleAsync(Verdict[] verdicts)
    {
        Verdict[] mine = [.. verdicts.Where(verdict => _owed.TryAdd(verdict, true))];
        if (mine.Length == 0)
        {
            return;
        }

        try
        {
            await Task.WhenAll(mine.Select(verdict => tracker.TellServerLostAsync(verdict.ClientId, verdict.Token))).ConfigureAwait(false);
            await SettleAsync(mine).ConfigureAwait(false);
        }
        catch (ObjectDisposedException exception)
        {
            Log.CallbacksLeft(logger, exception, mine.Length);
            return;
        }

        foreach (Verdict verdict in mine)
        {
            _owed.TryRemove(verdict, out _);
        }
    }

    private async Task SettleAsync(Verdict[] verdicts)
    {
        while (!_isStopped)
        {
            try
            {
                await store.SettleAsync(verdicts[0].Shard, verdicts).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (PresenceStore.IsStoreFailure(exception))
            {
                Log.SettlingFailed(logger, exception, verdicts.Length);
                await Task.Delay(SettleRetryDelay, timeProvider).ConfigureAwait(false); // nobody but the store says that it is back
            }
        }
    }
}
