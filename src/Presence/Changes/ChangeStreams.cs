using System.Collections.Concurrent;

namespace Presence.Changes;

/// <summary>The readers of changes. Each has every change at the moment at which it happens, and waits for no callback.</summary>
/// <remarks>Thread safety: changes are written under the locks of client ids and groups; the rest from anywhere.</remarks>
internal sealed class ChangeStreams
{
    private readonly Registrations<ChangeBuffer> _buffers = new();

    /// <summary>Readers of one group each: a change of a group is not shown to those of all the others.</summary>
    private readonly ConcurrentDictionary<string, Registrations<ChangeBuffer>> _byGroup = new(StringComparer.Ordinal);

    private int _groupReaders;
    private bool _areComplete;

    public bool AreGroupsWatched => Volatile.Read(ref _groupReaders) > 0;

    /// <summary>Whether any of the readers wants such a change, those of one group aside.</summary>
    public bool Wants(PresenceChanges kind)
    {
        foreach (ChangeBuffer buffer in _buffers.Current)
        {
            if (buffer.Wants(kind))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes a stream that begins now.</summary>
    public ChangeStream Read(PresenceChanges kinds, int capacity) => Stream(_buffers.Add(registration => new ChangeBuffer(kinds, capacity, registration)));

    /// <summary>Makes a stream of the changes of one group.</summary>
    public ChangeStream ReadGroup(string group, int capacity)
    {
        Interlocked.Increment(ref _groupReaders);
        lock (_byGroup) // or the registrations that are found here could just be removed
        {
            return Stream(_byGroup.GetOrAdd(group, static _ => new()).Add(registration =>
                new ChangeBuffer(PresenceChanges.All, capacity, new GroupRegistration(this, group, registration))));
        }
    }

    public void Write(in PresenceChange change)
    {
        foreach (ChangeBuffer buffer in _buffers.Current)
        {
            if (buffer.Wants(change.Kind))
            {
                buffer.Write(change);
            }
        }

        if (change.Group is { } group && AreGroupsWatched && _byGroup.TryGetValue(group, out Registrations<ChangeBuffer>? readers))
        {
            foreach (ChangeBuffer buffer in readers.Current)
            {
                buffer.Write(change);
            }
        }
    }

    public void Complete()
    {
        Interlocked.Exchange(ref _areComplete, true); // a full fence: whoever adds a stream sees this, or is seen below
        Array.ForEach(_buffers.Current, buffer => buffer.Complete());
        foreach (Registrations<ChangeBuffer> readers in _byGroup.Values)
        {
            Array.ForEach(readers.Current, buffer => buffer.Complete());
        }
    }

    private ChangeStream Stream(ChangeBuffer buffer)
    {
        if (Volatile.Read(ref _areComplete))
        {
            buffer.Complete(); // it was added as the tracker was disposed of, and perhaps too late to be seen there
        }

        return new ChangeStream(buffer);
    }

    private sealed class GroupRegistration(ChangeStreams owner, string group, IDisposable registration) : IDisposable
    {
        private int _isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            {
                return;
            }

            lock (owner._byGroup)
            {
                registration.Dispose();
                if (owner._byGroup.TryGetValue(group, out Registrations<ChangeBuffer>? readers) && readers.Current.Length == 0)
                {
                    owner._byGroup.TryRemove(group, out _);
                }
            }

            Interlocked.Decrement(ref owner._groupReaders);
        }
    }
}
