using System.Security.Cryptography;
using CsCheck;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatTagTests
{
    [Test]
    public void Sign_AnyKeyAndText_IsThePlatformsHmacTruncated()
    {
        using var tag = new HeartbeatTag();
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[HeartbeatDatagram.Length]).Sample(
            (key, datagram) =>
            {
                byte[] expected = HMACSHA256.HashData(key, datagram.AsSpan(0, HeartbeatDatagram.TagOffset))[..HeartbeatTag.Length];
                tag.Sign(new HeartbeatKey(key), datagram);
                return datagram.AsSpan(HeartbeatDatagram.TagOffset).SequenceEqual(expected);
            },
            iter: 2_000,
            threads: 1); // the tag is one thread's
    }

    [Test]
    public void IsGenuine_AnotherKey_IsFalse()
    {
        using var tag = new HeartbeatTag();
        byte[] datagram = Datagrams.Genuine(new byte[32], new SessionId(1), 1);

        Assert.Multiple(() =>
        {
            Assert.That(tag.IsGenuine(new HeartbeatKey(new byte[32]), datagram), Is.True);
            Assert.That(tag.IsGenuine(new HeartbeatKey([.. Enumerable.Repeat((byte)1, 32)]), datagram), Is.False);
        });
    }
}
