using Microsoft.AspNetCore.SignalR;

namespace Presence.AspNetCore.Tests.Documentation;

public sealed class ChatHub(IPresenceTracker tracker) : Hub
{
    public bool IsOnline(string user) => tracker.Groups.IsOccupied($"user:{user}");

    public bool EnterRoom(string room) => tracker.Groups.Enter(Context.GetPresenceSession(), $"room:{room}");

    public bool LoadForLong() => tracker.SetExpireAfter(Context.GetPresenceSession(), TimeSpan.FromMinutes(1));
}
