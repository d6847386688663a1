using System.Numerics;
using System.Runtime.CompilerServices;

namespace Presence.Engine;

/// <summary>Some of the clients: a hash table from client ids to the slots of their sessions, and the lock for joins and ends of these clients.</summary>
/// <remarks>
/// <para>Open addressing with linear probing. An entry is 8 bytes, hash and slot, since the id itself is in the slot's record; at most three quarters are in use. So clients take 11 to 21 bytes each here,
/// nothing of it is an object for the garbage collector to visit, and growth holds up only the joins of one stripe.</para>
/// <para>Thread safety: finds take no lock; members that need it say so.</para>
/// </remarks>
internal sealed class ClientStripe(SessionTable table)
{
    private const uint NoSlot = 0; // nobody is given it
    private const ulong Empty = NoSlot;
    private const ulong Removed = (1UL << 32) | NoSlot; // unlike behind an empty one, a client may stand behind it
    private const int MinLength = 8;

    private ulong[] _entries = [Empty];
    private int _used; // entries that are not empty
    private int _clients;
    private int _replacements;

    public Lock Lock { get; } = new();

    /// <summary>Counts one heartbeat for the session that a client has. It may miss one that is taking another's place just now.</summary>
    public bool TryBeat(in ClientKey client)
    {
        ulong[] entries = Volatile.Read(ref _entries);
        uint probe = client.Hash;
        while (NextSlot(entries, client.Hash, ref probe) is uint slot and not NoSlot)
        {
            if (table.TryBeatIn(slot, client.Id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds the session that a client has, be it over or not.</summary>
    public bool TryFind(in ClientKey client, out SessionId session)
    {
        int replacements;
        do
        {
            replacements = Volatile.Read(ref _replacements);
            ulong[] entries = Volatile.Read(ref _entries);
            uint probe = client.Hash;
            while (NextSlot(entries, client.Hash, ref probe) is uint slot and not NoSlot)
            {
                if (table.TryFindIn(slot, out session) == client.Id)
                {
                    return true;
                }
            }
        }
        while (replacements != Volatile.Read(ref _replacements)); // it may be in a slot now that this did not look into

        session = SessionId.None;
        return false;
    }

    /// <summary>Adds a client that is not here.</summary>
    public void AddNeedsLock(uint hash, SessionId session)
    {
        if (4 * (_used + 1) > 3 * _entries.Length)
        {
            Rebuild();
        }

        uint probe = hash;
        while (SlotOf(At(probe)) != NoSlot)
        {
            probe++;
        }

        _used += At(probe) == Empty ? 1 : 0;
        _clients++;
        Volatile.Write(ref At(probe), Entry(hash, session));
    }

    /// <summary>Has a client found with its new session, and never without one.</summary>
    public void ReplaceNeedsLock(uint hash, SessionId session, SessionId newSession)
    {
        Volatile.Write(ref At(Find(hash, session)!.Value), Entry(hash, newSession));
        Interlocked.Increment(ref _replacements); // after that, and before the old session leaves its slot: whoever looks there in vain, looks again
    }

    /// <summary>Removes a client, unless it has a newer session.</summary>
    public void RemoveNeedsLock(uint hash, SessionId session)
    {
        if (Find(hash, session) is not { } probe)
        {
            return;
        }

        _clients--;
        if (At(probe + 1) != Empty)
        {
            Volatile.Write(ref At(probe), Removed);
            return;
        }

        do // nothing was ever put behind it because of it, or of the removed ones before it
        {
            Volatile.Write(ref At(probe), Empty);
            _used--;
            probe--;
        }
        while (At(probe) == Removed);
    }

    /// <summary>The sessions of all clients that are here.</summary>
    public IEnumerable<SessionId> SessionsNeedsLock()
    {
        foreach (ulong entry in _entries)
        {
            if (SlotOf(entry) != NoSlot)
            {
                table.TryFindIn(SlotOf(entry), out SessionId session);
                yield return session;
            }
        }
    }

    private static ulong Entry(uint hash, SessionId session) => ((ulong)hash << 32) | SessionTable.SlotOf(session);

    private static uint HashOf(ulong entry) => (uint)(entry >> 32);

    private static uint SlotOf(ulong entry) => (uint)entry;

    private ref ulong At(uint probe) => ref _entries[probe & (uint)(_entries.Length - 1)];

    /// <summary>Goes on to the next entry that has the hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint NextSlot(ulong[] entries, uint hash, ref uint probe)
    {
        while (true)
        {
            ulong entry = Volatile.Read(ref entries[probe++ & (uint)(entries.Length - 1)]);
            if (entry == Empty || (HashOf(entry) == hash && entry != Removed))
            {
                return SlotOf(entry);
            }
        }
    }

    private uint? Find(uint hash, SessionId session)
    {
        for (uint probe = hash; At(probe) != Empty; probe++)
        {
            if (At(probe) == Entry(hash, session))
            {
                return probe;
            }
        }

        return null;
    }

    /// <summary>Makes a table that is at most half full, without the removed ones.</summary>
    private void Rebuild()
    {
        ulong[] old = _entries;
        ulong[] entries = new ulong[Math.Max(MinLength, (int)BitOperations.RoundUpToPowerOf2(2 * ((uint)_clients + 1)))];
        foreach (ulong entry in old)
        {
            if (SlotOf(entry) != NoSlot)
            {
                uint probe = HashOf(entry);
                while (entries[probe & (uint)(entries.Length - 1)] != Empty)
                {
                    probe++;
                }

                entries[probe & (uint)(entries.Length - 1)] = entry;
            }
        }

        _used = _clients;
        Volatile.Write(ref _entries, entries);
    }
}
