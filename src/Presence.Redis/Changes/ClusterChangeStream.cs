using System.Threading.Channels;

namespace Presence.Redis.Changes;

/// <summary>Changes on their way to one reader, through a bounded buffer.</summary>
/// <remarks>Thread safety: written under the feed's lock; read by one reader.</remarks>
internal sealed class ClusterChangeStream(ClusterChangeFeed feed, PresenceChanges kinds, int capacity) : IAsyncEnumerable<ClusterChange>
{
    private readonly Channel<ClusterChange> _buffer = Channel.CreateBounded<ClusterChange>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Hands on a change, if the reader wants it.</summary>
    /// <returns>False if there is no room, so that the stream has ended.</returns>
    public bool TryWrite(in ClusterChange change)
    {
        if ((kinds & change.Kind) == 0 || _buffer.Writer.TryWrite(change))
        {
            return true;
        }

        Lose(new ChangesLostException());
        return false;
    }

    public void Lose(ChangesLostException exception) => _buffer.Writer.TryComplete(exception);

    public void Complete() => _buffer.Writer.TryComplete();

    public async IAsyncEnumerator<ClusterChange> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (ClusterChange change in _buffer.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            feed.Remove(this);
        }
    }
}
