using Microsoft.Extensions.Options;
using Presence;
using Presence.Redis;
using StackExchange.Redis;

namespace ChatServer;

/// <summary>Brings to the room what happens on the other servers: who comes and goes there, and what they say.</summary>
internal sealed class ClusterListener(
    IPresenceCluster cluster,
    IOptions<RedisPresenceOptions> options,
    Relay relay,
    RollCall rollCall,
    Talking talking,
    Neighbours neighbours,
    TimeProvider timeProvider,
    ILogger<ClusterListener> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private bool _hearsMessages;
    private bool _hasLost;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is ChangesLostException or RedisException or TimeoutException)
            {
                if (!_hasLost)
                {
                    _hasLost = true;
                    Log.ChangesLost(logger, exception.Message);
                }

                await Task.Delay(RetryDelay, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Asks for the changes, then looks who is online, then takes in the changes: so nothing is missed in between.</summary>
    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        if (!_hearsMessages)
        {
            await relay.ReceiveAsync(talking.Hear);
            _hearsMessages = true;
        }

        if (_hasLost)
        {
            // The store may come back empty. Until each server has told it anew who is there, who is missing in it has not left.
            await cluster.CountAsync(stoppingToken); // throws while it is away
            await Task.Delay(options.Value.Lease + options.Value.Grace, timeProvider, stoppingToken);
        }

        IAsyncEnumerable<ClusterChange> changes = await cluster.ReadChangesAsync(
            PresenceChanges.Joined | PresenceChanges.Ended | PresenceChanges.ServerLost, cancellationToken: stoppingToken);
        await rollCall.TakeAsync(stoppingToken);
        if (_hasLost)
        {
            _hasLost = false;
            Log.ChangesFound(logger);
        }

        await foreach (ClusterChange change in changes.WithCancellation(stoppingToken))
        {
            if (change.Server == cluster.ServerName)
            {
                continue; // the tracker has told the room
            }

            if (change.Kind == PresenceChanges.Joined)
            {
                neighbours.Enter(new ClusterClient { ClientId = change.ClientId, Server = change.Server, FencingToken = change.FencingToken });
            }
            else
            {
                neighbours.Leave(change.ClientId, change.FencingToken, RollCall.ReasonOf(change.Kind));
            }
        }
    }
}
