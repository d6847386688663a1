namespace Presence.Changes;

/// <summary>The reader's end of a stream.</summary>
/// <remarks>
/// The tracker holds the buffer and not this, so that a stream which nobody can read any more is found out, and its buffer removed. One that is being read is held by
/// whoever reads; while that waits, by the buffer. Thread safety: for one reader.
/// </remarks>
internal sealed class ChangeStream(ChangeBuffer buffer) : IChangeReader
{
    ~ChangeStream() => buffer.Remove();

    public ChangeBuffer Buffer => buffer;

    public bool TryRead(out PresenceChange change)
    {
        if (buffer.Reader.TryRead(out change))
        {
            return true;
        }

        if (buffer.Reader.Completion.IsFaulted)
        {
            throw new ChangesLostException();
        }

        return false;
    }

    public async IAsyncEnumerator<PresenceChange> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (PresenceChange change in buffer.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        buffer.Remove();
        GC.SuppressFinalize(this);
    }
}
