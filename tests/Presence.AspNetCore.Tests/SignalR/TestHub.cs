using Microsoft.AspNetCore.SignalR;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>A hub with a method for each thing that a test wants of one.</summary>
internal sealed class TestHub(Gate gate, IPresenceTracker tracker) : Hub
{
    public string Session() => Context.GetPresenceSession().ToString();

    public bool AmOnline() => tracker.Heartbeat(Context.GetPresenceSession());

    public Task WaitAtGate() => gate.PassAsync();

    public Task Watch() => Groups.AddToGroupAsync(Context.ConnectionId, "watchers");

    public override Task OnDisconnectedAsync(Exception? exception) => gate.PassAsync();
}
