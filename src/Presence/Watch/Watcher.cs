using System.Runtime.CompilerServices;
using Presence.Changes;

namespace Presence.Watch;

/// <summary>What is there, and from there on what changes, as one sequence.</summary>
/// <remarks>
/// The stream is opened first and what is there is read after it, so nothing falls between. Changes that were in the buffer when their client was read are in what
/// was read, and passed over. Thread safety: for one reader.
/// </remarks>
internal sealed class Watcher(Func<ChangeStream> open, Func<ChangeBuffer, WatchStart> read, PresenceChanges comes, PresenceChanges goes)
{
    public async IAsyncEnumerable<WatchEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        bool isLost;
        do
        {
            ChangeStream stream = open(); // held by this enumerator alone: once nobody has that, it is found out
            try
            {
                ChangeBuffer buffer = stream.Buffer;
                WatchStart start = read(buffer);
                HashSet<SessionId> known = [.. start.Present.Select(static present => present.Client.Session)];
                foreach (WatchEvent present in start.Present)
                {
                    yield return present;
                }

                long position = 0;
                while (await WaitAsync(buffer, cancellationToken).ConfigureAwait(false))
                {
                    while (buffer.Reader.TryRead(out PresenceChange change))
                    {
                        if (position++ >= start.ReadUpTo(change) && KindOf(change, known) is { } kind)
                        {
                            yield return EventOf(kind, change);
                        }
                    }
                }

                isLost = buffer.Reader.Completion.IsFaulted;
            }
            finally
            {
                stream.Dispose();
            }

            if (isLost)
            {
                yield return new WatchEvent { Kind = WatchEventKind.Reset };
            }
        }
        while (isLost);
    }

    /// <returns>Whether there may be something to read; not once the buffer overflowed or the tracker was disposed of, and all was read.</returns>
    private static async ValueTask<bool> WaitAsync(ChangeBuffer buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await buffer.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChangesLostException)
        {
            return false;
        }
    }

    /// <summary>What a change is to the reader. One who was ending when he was read is not known, and his end is nothing.</summary>
    private WatchEventKind? KindOf(in PresenceChange change, HashSet<SessionId> known) => change.Kind switch
    {
        var kind when (kind & comes) != 0 => known.Add(change.Session) ? WatchEventKind.Entered : null,
        var kind when (kind & goes) != 0 => known.Remove(change.Session) ? WatchEventKind.Left : null,
        PresenceChanges.Updated => known.Contains(change.Session) ? WatchEventKind.Updated : null,
        _ => null,
    };

    private static WatchEvent EventOf(WatchEventKind kind, in PresenceChange change) => new()
    {
        Kind = kind,
        Client = new ClientStatus
        {
            ClientId = change.ClientId,
            Session = change.Session,
            Count = change.Count,
            ExpireAfter = change.ExpireAfter,
            State = change.State,
            LastSeenAgo = change.LastSeenAgo,
            LastSeen = change.LastSeen,
        },
        GroupState = change.GroupState,
    };
}
