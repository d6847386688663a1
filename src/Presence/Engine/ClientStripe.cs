using System.Numerics;
using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>Some of the clients: a hash table from client ids to the slots of their sessions, and the lock for joins and ends of these clients.</summary>
/// <remarks>
/// <para>Open addressing with linear probing. What a find needs first, hash and id, stand together, so it waits for memory twice: for the entry, and for the id's
/// characters and the session's word at once. At most three quarters of the entries are in use, so clients take 21 to 43 bytes each here; none is an object for
/// the garbage collector to visit, and growth holds up only the joins of one stripe.</para>
/// <para>Thread safety: finds take no lock; members that need it say so. A client is removed, or has its newer session, before the slot is given back.</para>
/// </remarks>
internal sealed class ClientStripe(SessionTable table)
{
    private const int MinLength = 8;

    private Entry[] _entries = new Entry[1];
    private int _used; // entries that are not empty
    private int _clients;
    private int _moves; // how often a client here left a slot; counted before somebody else can be given that

    public Lock Lock { get; } = new();

    /// <summary>Counts one heartbeat for the session that a client has. It misses one that takes the place of that very session meanwhile.</summary>
    public bool TryBeat(string clientId, uint hash) => TryFind(clientId, hash, out uint slot, out long word) && table.TryBeatIn(slot, word);

    /// <summary>Finds the session that a client has, be it over or not; none if it just comes or goes.</summary>
    public bool TryFind(string clientId, uint hash, out SessionId session)
    {
        bool isFound = TryFind(clientId, hash, out uint slot, out long word);
        session = isFound ? SessionTable.SessionOf(slot, word) : SessionId.None;
        return isFound;
    }

    /// <summary>Finds a client's slot and word, those of the session that takes its session's place if that is being replaced.</summary>
    public bool TryFindCurrent(string clientId, uint hash, out uint slot, out long word)
    {
        while (true)
        {
            int moves = Volatile.Read(ref _moves);
            if (!TryFind(clientId, hash, out slot, out word) || !SessionWord.IsClosing(word) || SessionWord.SuccessorOf(word) == 0)
            {
                return word != SessionWord.Free;
            }

            slot = SessionWord.SuccessorOf(word);
            word = table.WordIn(slot);
            if (Volatile.Read(ref _moves) == moves)
            {
                return true; // else the slot may be somebody else's by now
            }
        }
    }

    /// <summary>Adds a client that is not here.</summary>
    public void AddNeedsLock(string clientId, uint hash, SessionId session)
    {
        if (4 * (_used + 1) > 3 * _entries.Length)
        {
            Rebuild();
        }

        uint probe = hash;
        while (At(probe).IsTaken)
        {
            probe++;
        }

        _used += At(probe).Place == Entry.Empty ? 1 : 0;
        _clients++;
        At(probe).ClientId = clientId;
        Volatile.Write(ref At(probe).Place, Entry.PlaceOf(hash, session)); // publishes the id as well
    }

    /// <summary>Has a client found with its new session, and never without one.</summary>
    public void ReplaceNeedsLock(uint hash, SessionId session, SessionId newSession)
    {
        Volatile.Write(ref At(Find(hash, session)!.Value).Place, Entry.PlaceOf(hash, newSession));
        Interlocked.Increment(ref _moves);
    }

    /// <summary>Removes a client, unless it has a newer session.</summary>
    public void RemoveNeedsLock(uint hash, SessionId session)
    {
        if (Find(hash, session) is not { } probe)
        {
            return;
        }

        _clients--;
        At(probe).Clear(Entry.Removed);
        Interlocked.Increment(ref _moves);
        while (At(probe).Place == Entry.Removed && At(probe + 1).Place == Entry.Empty)
        {
            At(probe).Clear(Entry.Empty); // nobody stands behind it
            _used--;
            probe--;
        }

        if (_entries.Length > MinLength && 8 * _clients < _entries.Length)
        {
            Rebuild(); // most have left: their entries are let go
        }
    }

    /// <summary>The sessions of all clients that are here.</summary>
    public IEnumerable<SessionId> SessionsNeedsLock() =>
        from entry in _entries
        where entry.IsTaken
        let slot = Entry.SlotOf(entry.Place)
        select SessionTable.SessionOf(slot, table.WordIn(slot));

    /// <summary>Finds a client's slot, and the word in it at a moment at which the client had that slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFind(string clientId, uint hash, out uint slot, out long word)
    {
        int moves = Volatile.Read(ref _moves);
        Entry[] entries = Volatile.Read(ref _entries);
        for (uint probe = hash; ; probe++)
        {
            ref Entry entry = ref entries[probe & (uint)(entries.Length - 1)];
            ulong place = Volatile.Read(ref entry.Place);
            slot = Entry.SlotOf(place);
            if (place == Entry.Empty)
            {
                word = SessionWord.Free;
                return false;
            }

            if (Entry.HashOf(place) == hash && place != Entry.Removed)
            {
                string? id = Volatile.Read(ref entry.ClientId);
                word = table.WordIn(slot); // before the comparison, so that the processor waits for the word and for the id's characters at once
                if (id == clientId)
                {
                    return Volatile.Read(ref _moves) == moves || TryFindAnew(clientId, hash, out slot, out word); // else the word may be that of somebody who was given the slot
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // so that the hot path has no way back to its start
    private bool TryFindAnew(string clientId, uint hash, out uint slot, out long word) => TryFind(clientId, hash, out slot, out word);

    private ref Entry At(uint probe) => ref _entries[probe & (uint)(_entries.Length - 1)];

    private uint? Find(uint hash, SessionId session)
    {
        ulong place = Entry.PlaceOf(hash, session);
        for (uint probe = hash; At(probe).Place != Entry.Empty; probe++)
        {
            if (At(probe).Place == place)
            {
                return probe;
            }
        }

        return null;
    }

    /// <summary>Makes a table that is at most half full, without what was removed. Who looks in the old one finds the same there, until somebody moves.</summary>
    private void Rebuild()
    {
        Entry[] entries = new Entry[Math.Max(MinLength, (int)BitOperations.RoundUpToPowerOf2(2 * ((uint)_clients + 1)))];
        foreach (Entry entry in _entries)
        {
            if (entry.IsTaken)
            {
                uint probe = Entry.HashOf(entry.Place);
                while (entries[probe & (uint)(entries.Length - 1)].IsTaken)
                {
                    probe++;
                }

                entries[probe & (uint)(entries.Length - 1)] = entry;
            }
        }

        _used = _clients;
        Volatile.Write(ref _entries, entries);
    }

    private struct Entry
    {
        public const ulong Empty = 0;
        public const ulong Removed = 1UL << 32; // unlike behind an empty one, a client may stand behind it

        /// <summary>Hash, and slot of the session; no slot, which is 0, if nobody is here.</summary>
        public ulong Place;

        public string? ClientId;

        public readonly bool IsTaken => SlotOf(Place) != 0;

        public static ulong PlaceOf(uint hash, SessionId session) => ((ulong)hash << 32) | SessionTable.SlotOf(session);

        public static uint HashOf(ulong place) => (uint)(place >> 32);

        public static uint SlotOf(ulong place) => (uint)place;

        public void Clear(ulong place)
        {
            Volatile.Write(ref Place, place);
            ClientId = null;
        }
    }
}
