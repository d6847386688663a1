namespace Presence.Redis.Publishing;

/// <summary>Numbers the batches of one shard, anew for each epoch.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class BatchNumbers
{
    private readonly Lock _lock = new();
    private string _epoch = string.Empty;
    private long _sent;
    private long _answered;

    public Batch Next(string epoch, int capacity)
    {
        lock (_lock)
        {
            if (_epoch != epoch)
            {
                (_epoch, _sent, _answered) = (epoch, 0, 0);
            }

            return new Batch(epoch, ++_sent, _answered, capacity);
        }
    }

    /// <summary>The last batch of an epoch that was answered.</summary>
    public long AnsweredUnder(string epoch)
    {
        lock (_lock)
        {
            return _epoch == epoch ? _answered : 0;
        }
    }

    public void OnAnswered(Batch batch)
    {
        lock (_lock)
        {
            if (_epoch == batch.Epoch)
            {
                _answered = Math.Max(_answered, batch.Number);
            }
        }
    }
}
