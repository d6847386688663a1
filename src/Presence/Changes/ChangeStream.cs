using System.Threading.Channels;

namespace Presence.Changes;

/// <summary>Changes on their way to one reader, through a bounded buffer; if that is full, the stream ends with <see cref="ChangesLostException"/>.</summary>
/// <remarks>Thread safety: written under the locks of client ids; read by one reader.</remarks>
internal sealed class ChangeStream(PresenceChanges kinds, int capacity, IDisposable registration) : IAsyncEnumerable<PresenceChange>
{
    private readonly Channel<PresenceChange> _buffer = Channel.CreateBounded<PresenceChange>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public bool Wants(PresenceChanges kind) => (kinds & kind) != 0;

    public void Write(in PresenceChange change)
    {
        if (!_buffer.Writer.TryWrite(change) && _buffer.Writer.TryComplete(new ChangesLostException()))
        {
            registration.Dispose();
        }
    }

    public void Complete() => _buffer.Writer.TryComplete();

    public async IAsyncEnumerator<PresenceChange> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (PresenceChange change in _buffer.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            registration.Dispose();
        }
    }
}
