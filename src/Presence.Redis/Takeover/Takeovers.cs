using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Redis.Groups;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Takeover;

/// <summary>Takes over the clients of dead servers: claims them, waits their grace, ends those who did not come back, and has the callbacks run.</summary>
/// <remarks>
/// Every step gives the same when done again, and what is not finished begins anew with the next renewal, here or on another
/// server. Thread safety: any thread.
/// </remarks>
internal sealed class Takeovers(
    TakeoverStore store, MemberStore members, Amnesty amnesty, LostCallbacks callbacks, EdgeCallbacks edges, GroupHolds holds, HoldStore heldGroups, ServerNames names, TimeSpan grace, TimeProvider timeProvider, ILogger logger, RedisPresenceMetrics metrics)
    : IAsyncDisposable
{
    /// <summary>How many clients are ended by one script: about a millisecond of the store's time.</summary>
    private const int VerdictsAtOnce = 250;

    /// <summary>What no epoch is called.</summary>
    private const string NoEpoch = "-";

    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>Clients that were claimed and not judged.</summary>
    private readonly ConcurrentDictionary<Claim, bool> _claimed = new();

    private readonly Lock _lock = new();
    private CancellationTokenSource _abandoning = new();
    private bool _isStopped;

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

    /// <summary>Asks the store what this server owes and holds of groups, if an answer was lost that may have said so.</summary>
    public async Task AskForEdgesAsync(string me)
    {
        if (!edges.TakeMustAsk())
        {
            return;
        }

        try
        {
            await store.InheritEdgesAsync(me, NoEpoch, CancellationToken.None).ConfigureAwait(false);
            edges.Take(await heldGroups.ReadAsync(me).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            edges.MayHaveMissed();
            if (exception is not EpochLostException) // which the next renewal sees
            {
                throw;
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

    /// <summary>Stops, and leaves what is not finished to others.</summary>
    /// <returns>Whether anything is not finished.</returns>
    public async Task<bool> StopAsync()
    {
        lock (_lock)
        {
            _isStopped = true;
            _abandoning.Cancel();
        }

        bool isUnfinished = !_running.IsEmpty | callbacks.Stop();
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
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            // Others have it now.
        }
        catch (Exception exception)
        {
            edges.MayHaveMissed();
            Log.TakeoverFailed(logger, exception, dead);
        }
        finally
        {
            claims.ForEach(claim => _claimed.TryRemove(claim, out _));
            lock (_lock) // so that it was put there before
            {
                _running.TryRemove(dead, out _);
                if (_running.IsEmpty)
                {
                    callbacks.ForgetSettled();
                }
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
            callbacks.Tell(chunk);
        }

        await store.InheritEdgesAsync(me, dead, abandoned).ConfigureAwait(false);
        int lost = 0;
        bool holdsGroups = (await heldGroups.ReadAsync(dead).ConfigureAwait(false)).Count > 0;
        if (claims.Count > 0 || (holdsGroups && !isOwn))
        {
            await Task.Delay(grace, timeProvider, abandoned).ConfigureAwait(false);
            foreach (Claim[] chunk in claims.GroupBy(claim => claim.Shard).SelectMany(shard => shard.Chunk(VerdictsAtOnce)))
            {
                List<Verdict> verdicts = await JudgeAsync(me, chunk, abandoned).ConfigureAwait(false);
                lost += verdicts.Count;
                callbacks.Tell(verdicts);
            }
        }

        if (holdsGroups)
        {
            await ReleaseAsync(me, dead, isOwn, abandoned).ConfigureAwait(false);
        }

        await members.ForgetAsync(me, dead).ConfigureAwait(false);
        metrics.Lost(lost);
        if (!isOwn)
        {
            Log.TakenOver(logger, server, dead, claims.Count, duration, lost);
        }
    }

    /// <summary>Releases the groups that a dead epoch held, when it has had its grace; those of this server when they have lingered.</summary>
    private async Task ReleaseAsync(string me, string dead, bool isOwn, CancellationToken abandoned)
    {
        while (await heldGroups.ReadAsync(dead).ConfigureAwait(false) is { Count: > 0 } held)
        {
            await amnesty.WhenOverAsync(abandoned).ConfigureAwait(false);
            GroupHold[] due = [.. held.Where(hold => !isOwn || !holds.IsLingering(hold.Group))];
            foreach (GroupHold[] chunk in due.Chunk(VerdictsAtOnce))
            {
                await heldGroups.ReleaseAsync(me, chunk).ConfigureAwait(false);
            }

            if (due.Length == 0)
            {
                await Task.Delay(amnesty.Promptness, timeProvider, abandoned).ConfigureAwait(false); // the tracker says when, by its ticks
            }
        }
    }

    /// <summary>Ends the claimed of one shard, at a time when the store is there and has been.</summary>
    private async Task<List<Verdict>> JudgeAsync(string me, Claim[] claims, CancellationToken abandoned)
    {
        while (true)
        {
            await amnesty.WhenOverAsync(abandoned).ConfigureAwait(false);
            long asked = timeProvider.GetTimestamp();
            ShardState shard = await members.CheckAsync(claims[0].Shard, me, answered: 0).ConfigureAwait(false);
            if (timeProvider.GetElapsedTime(asked) <= amnesty.Promptness
                && await store.EndClaimedAsync(me, claims, shard.Now + (long)amnesty.Validity.TotalMicroseconds).ConfigureAwait(false) is { } verdicts)
            {
                return verdicts;
            }

            amnesty.Extend();
        }
    }
}
