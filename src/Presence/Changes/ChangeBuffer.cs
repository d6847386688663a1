using System.Threading.Channels;

namespace Presence.Changes;

/// <summary>The tracker's end of a stream: a bounded buffer; if that is full, the stream ends with <see cref="ChangesLostException"/>.</summary>
/// <remarks>Thread safety: written under the locks of client ids; read by one reader.</remarks>
internal sealed class ChangeBuffer(PresenceChanges kinds, int capacity, IDisposable registration)
{
    private readonly Channel<PresenceChange> _changes = Channel.CreateBounded<PresenceChange>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public ChannelReader<PresenceChange> Reader => _changes.Reader;

    public bool Wants(PresenceChanges kind) => (kinds & kind) != 0;

    public void Write(in PresenceChange change)
    {
        if (!_changes.Writer.TryWrite(change) && _changes.Writer.TryComplete(new ChangesLostException()))
        {
            registration.Dispose();
        }
    }

    public void Complete() => _changes.Writer.TryComplete();

    /// <summary>Is written to no more.</summary>
    public void Remove() => registration.Dispose();
}
