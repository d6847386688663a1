using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Presence.Udp.Tests;

/// <summary>Datagrams to test with.</summary>
internal static class Datagrams
{
    public static byte[] Genuine(byte[] key, SessionId session, ulong sequence)
    {
        byte[] datagram = new byte[HeartbeatDatagram.Length];
        using var tag = new HeartbeatTag();
        HeartbeatDatagram.Write(datagram, session, sequence);
        tag.Sign(Vector256.Create(key), datagram);
        return datagram;
    }

    public static byte[] Forged(SessionId session, ulong sequence) => Genuine(RandomNumberGenerator.GetBytes(32), session, sequence);
}
