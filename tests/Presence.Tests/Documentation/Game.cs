namespace Presence.Tests.Documentation;

/// <summary>A loop that stalls for 8 s in its 100th frame, and runs until the player who is really gone was removed.</summary>
internal sealed class Game
{
    private readonly List<Player> _players = [.. "abcd".Select(name => new Player(name.ToString()))];
    private int _frame;

    public bool IsRunning => _players.Count == 4;

    public TimeSpan TimeSinceLastFrame => _frame == 100 ? TimeSpan.FromSeconds(8) : TimeSpan.FromMilliseconds(20);

    public void ReceiveHeartbeats(PresenceTracker tracker)
    {
        if (_frame == 0)
        {
            _players.ForEach(player => tracker.Join(player.Name, player));
        }
        else if (_frame is < 100 or > 101)
        {
            _players.Where(player => player.Name != "d" || _frame < 200).ToList().ForEach(player => tracker.Heartbeat(player.Name));
        }
    }

    public void Remove(Player player)
    {
        Assert.That(player.Name, Is.EqualTo("d"));
        _players.Remove(player);
    }

    public void Step() => _frame++;
}
