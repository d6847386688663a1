using System.Security.Cryptography;

namespace Presence.Udp.Tests;

/// <summary>Datagrams to test with.</summary>
internal static class Datagrams
{
    public static byte[] Genuine(byte[] key, SessionId session, ulong sequence, bool asks = false)
    {
        byte[] datagram = new byte[HeartbeatDatagram.Length];
        using var tag = new HeartbeatTag();
        HeartbeatDatagram.WriteHeartbeat(datagram, session.Value, sequence, asks);
        tag.Sign(new HeartbeatKey(key), datagram);
        return datagram;
    }

    public static byte[] Forged(SessionId session, ulong sequence) => Genuine(RandomNumberGenerator.GetBytes(32), session, sequence);
}
