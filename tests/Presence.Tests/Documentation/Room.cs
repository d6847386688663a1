namespace Presence.Tests.Documentation;

public sealed class Room : IDisposable
{
    private readonly IPresenceTracker _tracker;
    private readonly IDisposable _registration;

    public Room(IPresenceTracker tracker)
    {
        _tracker = tracker;
        _registration = tracker.OnClientExpired(OnExpiredAsync);
    }

    public SessionId? LogIn(string user, Connection connection) =>
        _tracker.TryJoin(user, out SessionId session, connection) ? session : null;

    public void Dispose() => _registration.Dispose();

    private async ValueTask OnExpiredAsync(PresenceChange expired)
    {
        var connection = (Connection)expired.State!;
        await connection.CloseAsync();
    }
}
