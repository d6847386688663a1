using System.Threading.Channels;
using Presence.Redis.Store;
using Presence.Redis.Telemetry;

namespace Presence.Redis.Publishing;

/// <summary>The way of changes to one shard: takes the clients that are queued, sends them in batches, and takes in the answers.</summary>
/// <remarks>Thread safety: any thread; one loop makes the batches.</remarks>
internal sealed class Lane(int shard, LaneServices services)
{
    private const int MaxBatch = 256;
    private const int MaxGroups = 2 * MaxBatch;
    private const int MaxBatchesUnderWay = 4;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    private readonly Channel<PublishedClient> _queue = Channel.CreateUnbounded<PublishedClient>(); // with one reader it would not tell its count
    private readonly string _trouble = $"publishing in shard {shard}";

    public int Shard => shard;

    public BatchNumbers Numbers { get; } = new();

    private SemaphoreSlim Free { get; } = new(MaxBatchesUnderWay);

    /// <summary>Queues a client if it has something to publish. Its lock is held.</summary>
    public void Queue(PublishedClient client)
    {
        if (client.TryQueue())
        {
            services.Outstanding.Add();
            _queue.Writer.TryWrite(client);
        }
    }

    /// <summary>Sends what is queued until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (await _queue.Reader.WaitToReadAsync(stopping).ConfigureAwait(false))
        {
            await Free.WaitAsync(stopping).ConfigureAwait(false);
            string epoch = await services.Gate.WaitAsync(stopping).ConfigureAwait(false);
            Batch batch = Take(epoch);
            if (batch.Clients.Count == 0)
            {
                Free.Release();
            }
            else
            {
                _ = SendAsync(batch);
            }
        }
    }

    private Batch Take(string epoch)
    {
        Batch batch = Numbers.Next(epoch, capacity: Math.Min(_queue.Reader.Count, MaxBatch));
        int groups = 0;
        while (batch.Clients.Count < MaxBatch && groups < MaxGroups && _queue.Reader.TryRead(out PublishedClient? client))
        {
            lock (client)
            {
                groups += client.GroupCount;
                if (client.TrySend(epoch, services.Clock, out PublishedOperation operation))
                {
                    batch.Clients.Add(client);
                    batch.Operations.Add(operation);
                    batch.Lingering.UnionWith(client.Leaving.Where(services.Holds.IsLingering));
                }
                else
                {
                    services.Clients.ForgetIfDone(client);
                    services.Outstanding.Remove();
                }
            }
        }

        return batch;
    }

    private async Task SendAsync(Batch batch)
    {
        PublishedResult[]? results = null;
        bool wasSent = true;
        try
        {
            (results, Refusal refusal) = await services.Store.PublishAsync(shard, batch.Epoch, batch.Number, batch.Answered, batch.Operations, batch.Lingering).ConfigureAwait(false);
            if (refusal == Refusal.EpochLost)
            {
                services.OnEpochLost(batch.Epoch);
            }
            else if (results is not null)
            {
                Numbers.OnAnswered(batch);
                services.Troubles.Clear(_trouble);
            }
        }
        catch (Exception exception) // whatever it is, these changes must not be lost with it
        {
            wasSent = !StoreFailure.IsUnsent(exception);
            services.Metrics.PublishFailed();
            services.Troubles.Report(_trouble, exception);
            Log.PublishFailed(services.Logger, exception, batch.Clients.Count);
            await Task.Delay(RetryDelay, services.TimeProvider).ConfigureAwait(false); // the store says nothing when it is back, but to the connection
        }
        finally
        {
            Finish(batch, results, wasSent);
            Free.Release();
        }
    }

    private void Finish(Batch batch, PublishedResult[]? results, bool wasSent)
    {
        for (int i = 0; i < batch.Clients.Count; i++)
        {
            PublishedClient client = batch.Clients[i];
            SessionId replaced = SessionId.None;
            lock (client)
            {
                if (!wasSent)
                {
                    client.OnUnsent(batch.Operations[i]);
                }
                else if (results is null)
                {
                    client.OnUnanswered();
                }
                else
                {
                    replaced = client.OnAnswered(batch.Operations[i], batch.Epoch, results[i]);
                }

                Queue(client);
                services.Clients.ForgetIfDone(client);
            }

            services.Outstanding.Remove();
            services.EndReplaced(replaced);
        }
    }
}
