namespace Presence.Udp.Sending;

/// <summary>What the sessions of a group beat with. Tag and datagram are the loop's thread's own.</summary>
internal sealed class SenderGear(SenderClock clock, SenderSocket socket)
{
    public SenderClock Clock => clock;

    public SenderSocket Socket => socket;

    public HeartbeatTag Tag { get; } = new();

    public byte[] Datagram { get; } = new byte[HeartbeatDatagram.Length];
}
