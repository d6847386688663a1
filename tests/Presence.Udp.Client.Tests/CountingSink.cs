namespace Presence.Udp.Client.Tests;

/// <summary>A tracker that counts the heartbeats that reach it.</summary>
internal sealed class CountingSink(IHeartbeatSink tracker) : IHeartbeatSink
{
    private int _heartbeats;

    public int Heartbeats => Volatile.Read(ref _heartbeats);

    public bool Heartbeat(string clientId) => tracker.Heartbeat(clientId);

    public bool Heartbeat(SessionId session)
    {
        Interlocked.Increment(ref _heartbeats);
        return tracker.Heartbeat(session);
    }
}
