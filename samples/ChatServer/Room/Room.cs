using System.Diagnostics;

namespace ChatServer;

/// <summary>Who is seen and who hears whom: all that the server holds for its sessions.</summary>
/// <remarks>
/// <para>It follows the tracker, which alone decides who is online. <see cref="Entering"/> sets up and <see cref="Leaving"/> tears down, each in a callback of the
/// tracker, and nothing else does: however a session ends, it ends there, once.</para>
/// <para>Thread safety: every member wants the caller to hold <see cref="Gate"/>. What is sent under it comes to all in one order.</para>
/// </remarks>
internal sealed class Room(Elsewhere? elsewhere = null)
{
    private const int NamesOnPage = 50; // so that a list of any length is sent in pieces that no connection is cut off for

    private readonly Dictionary<string, ChatConnection> _members = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal); // of the members, and of those elsewhere

    public Lock Gate { get; } = new();

    /// <summary>Those on other servers; null where the server is alone.</summary>
    public Elsewhere? Elsewhere => elsewhere;

    public void Add(string user, ChatConnection connection)
    {
        AssertGate();
        _members[user] = connection;
        _names.Add(user);
    }

    public void Remove(string user, ChatConnection connection)
    {
        if (IsIn(user, connection))
        {
            _members.Remove(user);
            UpdateName(user);
        }
    }

    /// <summary>Whether a session is in the room. One that has ended is heard no more, though its name may be back.</summary>
    public bool IsIn(string user, ChatConnection connection) => Find(user) == connection;

    public ChatConnection? Find(string user)
    {
        AssertGate();
        return _members.GetValueOrDefault(user);
    }

    /// <summary>Lists or unlists a name, after somebody elsewhere came or went.</summary>
    public void UpdateName(string user)
    {
        AssertGate();
        if (_members.ContainsKey(user) || elsewhere?.Contains(user) == true)
        {
            _names.Add(user);
        }
        else
        {
            _names.Remove(user);
        }
    }

    public void Broadcast(ServerMessage message) => Broadcast(message.ToLine());

    public void Broadcast(ReadOnlySpan<byte> line)
    {
        AssertGate();
        foreach (ChatConnection member in _members.Values)
        {
            member.Send(line);
        }
    }

    /// <summary>A page of those who are online, in order of their names.</summary>
    /// <param name="after">The last name of the page before; empty for the first page.</param>
    public WhoMessage Who(string after = "")
    {
        AssertGate();
        string[] page = [.. From(after).SkipWhile(name => name == after).Take(NamesOnPage + 1)];
        string[] online = page.Length > NamesOnPage ? page[..NamesOnPage] : page;
        return new WhoMessage(online, _names.Count, UsersElsewhere(online), online.Length < page.Length ? online[^1] : null);
    }

    /// <summary>Those who are on other servers and not here; null where the server is alone.</summary>
    public IReadOnlyList<RemoteUser>? UsersElsewhere(IEnumerable<string>? among = null) => elsewhere is null ? null :
        [.. (among ?? _names).Where(name => Find(name) is null).Select(name => new RemoteUser(name, elsewhere.ServerOf(name)))];

    private SortedSet<string> From(string name) =>
        _names.Max is { } last && string.CompareOrdinal(name, last) <= 0 ? _names.GetViewBetween(name, last) : [];

    private void AssertGate() => Debug.Assert(Gate.IsHeldByCurrentThread);
}
