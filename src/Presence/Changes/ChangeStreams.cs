namespace Presence.Changes;

/// <summary>The readers of changes. Each has every change at the moment at which it happens, and waits for no callback.</summary>
/// <remarks>Thread safety: changes are written under the locks of client ids; the rest from anywhere.</remarks>
internal sealed class ChangeStreams
{
    private readonly Registrations<ChangeBuffer> _streams = new();
    private bool _areComplete;

    public IChangeReader Read(PresenceChanges kinds, int capacity)
    {
        ChangeBuffer buffer = _streams.Add(registration => new ChangeBuffer(kinds, capacity, registration));
        if (Volatile.Read(ref _areComplete))
        {
            buffer.Complete(); // it was added as the tracker was disposed of, and perhaps too late to be seen there
        }

        return new ChangeStream(buffer);
    }

    public void Write(in PresenceChange change)
    {
        foreach (ChangeBuffer buffer in _streams.Current)
        {
            if (buffer.Wants(change.Kind))
            {
                buffer.Write(change);
            }
        }
    }

    public void Complete()
    {
        Interlocked.Exchange(ref _areComplete, true); // a full fence: whoever adds a stream sees this, or is seen below
        Array.ForEach(_streams.Current, buffer => buffer.Complete());
    }
}
