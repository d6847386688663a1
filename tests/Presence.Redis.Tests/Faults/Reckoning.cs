using System.Globalization;

namespace Presence.Redis.Tests.Faults;

/// <summary>Everything that all servers logged, held against what must have happened.</summary>
internal sealed class Reckoning
{
    private readonly Expectation _expected;
    private readonly Dictionary<string, Place> _online;
    private readonly Dictionary<string, Place> _stored;
    private readonly string _dead;
    private readonly LoggedEvent[] _log;
    private readonly long? _storeBackAt;

    public Reckoning(Expectation expected, Dictionary<string, Place> online, Dictionary<string, Place> stored, string dead, LoggedEvent[] log, long? storeBackAt)
    {
        (_expected, _online, _stored, _dead, _log, _storeBackAt) = (expected, online, stored, dead, log, storeBackAt);
        Lost = [.. log.Where(line => line.What == "lost").Select(line => (line.Words[0], Number(line.Words[1]), line.At))];
        Tokens = log.Where(line => line.What == "token").ToLookup(line => (line.Server, line.Words[0]), line => Number(line.Words[2]));
    }

    /// <summary>Each run of a callback for a client of a lost server.</summary>
    public IReadOnlyList<(string Client, long Token, long At)> Lost { get; }

    /// <summary>How often a server found its lease lost.</summary>
    public int EpochsLost => _log.Count(line => line.What == "presence.redis.epochs.lost");

    /// <summary>When the last clients of a lost server were claimed; null if none were.</summary>
    public long? ClaimedAt => _log.Where(line => line.What == "presence.redis.clients.claimed" && line.Words[0] != "0").Max(line => (long?)line.At);

    public bool HasWholeStream => !_log.Any(line => line.What == "changes-lost");

    private ILookup<(string Server, string Client), long> Tokens { get; }

    public static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Empty if two sets are the same, else what they differ in.</summary>
    public static string Difference<T>(string what, IEnumerable<T> actual, IEnumerable<T> expected)
    {
        HashSet<T> has = [.. actual], wants = [.. expected];
        T[] extra = [.. has.Except(wants)], missing = [.. wants.Except(has)];
        return extra.Length + missing.Length == 0
            ? string.Empty
            : $"{what}: {extra.Length} too many ({string.Join(", ", extra.Take(3))}), {missing.Length} missing ({string.Join(", ", missing.Take(3))})";
    }

    /// <summary>Each session of a living server's tracker is online, or has ended once, in the one way that it should have.</summary>
    public void AssertLocalEnds()
    {
        LoggedEvent[] local = [.. _log.Where(line => line.What == "local" && line.Server != _dead)];
        var ends = local.Where(line => line.Words[0] != "Joined").Select(line => (line.Server, Client: line.Words[1], Kind: Enum.Parse<PresenceChanges>(line.Words[0]))).ToList();
        Assert.That(ends.GroupBy(end => (end.Server, end.Client)).Where(session => session.Count() > 1), Is.Empty, "sessions that ended twice");
        Assert.That(Difference("ends", ends, _expected.Ends.Select(end => (end.Key.Server, end.Key.Client, end.Value))), Is.Empty);
        var joined = local.Where(line => line.Words[0] == "Joined").Select(line => (line.Server, Client: line.Words[1]));
        Assert.That(Difference("sessions without an end", joined.Except(ends.Select(end => (end.Server, end.Client))), _online.Select(pair => (pair.Value.Server, pair.Key))), Is.Empty);
    }

    /// <summary>Each session of the dead server was taken over by a login or lost, once; and no session is lost that is online.</summary>
    public void AssertVerdicts()
    {
        Assert.That(Lost.GroupBy(lost => (lost.Client, lost.Token)).Where(session => session.Count() > 1), Is.Empty, "verdicts that were told twice");
        HashSet<(string, long)> lost = [.. Lost.Select(lost => (lost.Client, lost.Token))];
        var unended = _expected.OnDead.Where(client => !_online.ContainsKey(client)).Select(client => (client, Tokens[(_dead, client)].Single()));
        Assert.That(unended.Where(session => !lost.Contains(session)), Is.Empty, "sessions of the dead server that nobody was told of");
        AssertNoneOnlineIsLost();
    }

    public void AssertNoneOnlineIsLost() =>
        Assert.That(Lost.Where(lost => _online.TryGetValue(lost.Client, out Place place) && place.Token <= lost.Token), Is.Empty, "sessions that are online and were told lost");

    /// <summary>Nobody was judged for a lease after the store came back.</summary>
    public void AssertAmnesty(TimeSpan lease) =>
        Assert.That(Lost.Where(lost => TimeProvider.System.GetElapsedTime(_storeBackAt!.Value, lost.At) < lease), Is.Empty, "verdicts within a lease");

    /// <summary>In the stream of changes each session starts once, and then ends once or is online.</summary>
    public void AssertStream()
    {
        var sessions = _log.Where(line => line.What == "change").GroupBy(line => (Client: line.Words[1], Token: Number(line.Words[3])), line => Enum.Parse<PresenceChanges>(line.Words[0]));
        foreach (var session in sessions)
        {
            bool isOnline = _stored.TryGetValue(session.Key.Client, out Place place) && place.Token == session.Key.Token;
            PresenceChanges[] changes = [.. session];
            Assert.That(changes[0], Is.EqualTo(PresenceChanges.Joined), $"the first of {session.Key}: {string.Join(", ", changes)}");
            Assert.That(changes, Has.Length.EqualTo(isOnline ? 1 : 2).And.One.EqualTo(PresenceChanges.Joined), $"{session.Key}, online: {isOnline}");
        }

        Assert.That(Difference("joins", sessions.Select(session => session.Key), Tokens.SelectMany(tokens => tokens.Select(token => (tokens.Key.Client, token))).Union(_online.Select(pair => (pair.Key, pair.Value.Token)))
            .Union(Lost.Select(lost => (lost.Client, lost.Token)))), Is.Empty);
        Assert.That(
            Difference("verdicts", sessions.Where(session => session.Contains(PresenceChanges.ServerLost)).Select(session => session.Key), Lost.Select(lost => (lost.Client, lost.Token))), Is.Empty);
    }
}
