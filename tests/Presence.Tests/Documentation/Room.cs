namespace Presence.Tests.Documentation;

public sealed class Room
{
    private readonly IPresenceTracker _tracker;

    public Room(IPresenceTracker tracker)
    {
        _tracker = tracker;
        tracker.OnClientExpired(OnExpiredAsync);
    }

    public SessionId? LogIn(string user, Connection connection) =>
        _tracker.TryJoin(user, out SessionId session, connection) ? session : null;

    private async ValueTask OnExpiredAsync(PresenceChange expired)
    {
        var connection = (Connection)expired.State!;
        await connection.CloseAsync();
    }
}
