namespace Presence.Tests.Documentation;

/// <summary>The table in docs/concepts.md of what the mass guard does to hosts of few clients is what happens.</summary>
[TestFixture]
public sealed class SmallHostsTests
{
    private static readonly int[] Hosts = [1, 2, 9, 10, 11];

    [Test]
    public void Table_OfSmallHosts_IsWhatHappens()
    {
        string[] rows = [.. Hosts.Select(clients =>
            $"| {clients} | {TicksUntilGone(clients, silent: 1)} | {TicksUntilGone(clients, clients)} | {TicksUntilGone(clients, clients, minimum: 2)} | {LeastHeld(clients, 10)} | {LeastHeld(clients, 2)} |")];

        Assert.That(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "concepts.md")), Does.Contain(string.Join('\n', rows)), string.Join('\n', rows));
    }

    /// <summary>How many of the clients must fall silent at once to be held.</summary>
    private static string LeastHeld(int clients, int minimum) =>
        Enumerable.Range(1, clients).Where(silent => TicksUntilGone(clients, silent, minimum) > 6).Select(silent => $"{silent}").FirstOrDefault("never");

    private static int TicksUntilGone(int clients, int silent, int minimum = 10)
    {
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(new PresenceOptions { MassExpiryMinimum = minimum }, ticks);
        SessionId[] sessions = [.. Enumerable.Range(0, clients).Select(client => tracker.Join($"client {client}").Session)];
        int passed = 0;
        for (; tracker.OnlineCount > clients - silent; passed++)
        {
            Array.ForEach(sessions[silent..], session => tracker.Heartbeat(session));
            ticks.Advance();
        }

        return passed;
    }
}
