using System.Runtime.Intrinsics;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatDatagramTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [TestCase(1ul, "50524201010000000123456789abcdef0000000000000001fbd4718442e7da4919b21921bfe5e228")]
    [TestCase(2ul, "50524201010000000123456789abcdef0000000000000002700553d2849f6c54cfb016bfe39402ac")]
    [TestCase(4294967296ul, "50524201010000000123456789abcdef0000000100000000792125e14ce1f118923695ecab56a3d6")]
    [TestCase(18446744073709551615ul, "50524201010000000123456789abcdefffffffffffffffffff57e1717d7d5a18854e655d667efe4f")]
    public void WriteAndSign_KnownAnswerVector_GivesItsBytes(ulong sequence, string expected)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(0x0123456789abcdef), sequence);

        Assert.That(Convert.ToHexStringLower(datagram), Is.EqualTo(expected));
    }

    [TestCase(1ul, "50524201010000000123456789abcdef0000000000000001fbd4718442e7da4919b21921bfe5e228")]
    [TestCase(18446744073709551615ul, "50524201010000000123456789abcdefffffffffffffffffff57e1717d7d5a18854e655d667efe4f")]
    public void TryRead_KnownAnswerVector_GivesItsFieldsAndItIsGenuine(ulong expected, string hex)
    {
        byte[] datagram = Convert.FromHexString(hex);
        using var tag = new HeartbeatTag();

        bool read = HeartbeatDatagram.TryRead(datagram, out SessionId session, out ulong sequence);

        Assert.Multiple(() =>
        {
            Assert.That(read, Is.True);
            Assert.That(session, Is.EqualTo(new SessionId(0x0123456789abcdef)));
            Assert.That(sequence, Is.EqualTo(expected));
            Assert.That(tag.IsGenuine(Vector256.Create(Key), datagram), Is.True);
        });
    }

    [TestCase(0, 0x51)]
    [TestCase(1, 0x53)]
    [TestCase(2, 0x43)]
    [TestCase(3, 0x02, TestName = "TryRead_AnotherVersion_IsRefused")]
    [TestCase(4, 0x00, TestName = "TryRead_ReservedType0_IsRefused")]
    [TestCase(4, 0x02, TestName = "TryRead_ReservedType2_IsRefused")]
    public void TryRead_WrongMagicVersionOrType_IsRefused(int offset, byte value)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(1), 1);
        datagram[offset] = value;

        Assert.That(HeartbeatDatagram.TryRead(datagram, out _, out _), Is.False);
    }

    [TestCase(0)]
    [TestCase(39)]
    [TestCase(41)]
    public void TryRead_AnotherLength_IsRefused(int length)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(1), 1);
        Array.Resize(ref datagram, length);

        Assert.That(HeartbeatDatagram.TryRead(datagram, out _, out _), Is.False);
    }

    [Test]
    public void TryRead_FlagsThatALaterSenderMaySet_AreIgnored()
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(1), 1);
        datagram[6] = 0xff;
        datagram[7] = 0xff;

        Assert.That(HeartbeatDatagram.TryRead(datagram, out _, out _), Is.True);
    }
}
