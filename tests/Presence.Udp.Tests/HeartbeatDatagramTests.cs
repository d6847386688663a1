namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatDatagramTests
{
    private const ulong SessionId = 0x0123456789abcdef;

    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [TestCase(1ul, "50524201010000000123456789abcdef0000000000000001fbd4718442e7da4919b21921bfe5e228")]
    [TestCase(2ul, "50524201010000000123456789abcdef0000000000000002700553d2849f6c54cfb016bfe39402ac")]
    [TestCase(4294967296ul, "50524201010000000123456789abcdef0000000100000000792125e14ce1f118923695ecab56a3d6")]
    [TestCase(18446744073709551615ul, "50524201010000000123456789abcdefffffffffffffffffff57e1717d7d5a18854e655d667efe4f")]
    public void WriteAndSign_KnownAnswerVector_GivesItsBytes(ulong sequence, string expected)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(SessionId), sequence);

        Assert.That(Convert.ToHexStringLower(datagram), Is.EqualTo(expected));
    }

    [TestCase(1ul, "50524201010000000123456789abcdef0000000000000001fbd4718442e7da4919b21921bfe5e228")]
    [TestCase(18446744073709551615ul, "50524201010000000123456789abcdefffffffffffffffffff57e1717d7d5a18854e655d667efe4f")]
    public void TryReadHeartbeat_KnownAnswerVector_GivesItsFieldsAndItIsGenuine(ulong expected, string hex)
    {
        byte[] datagram = Convert.FromHexString(hex);
        using var tag = new HeartbeatTag();

        bool read = HeartbeatDatagram.TryReadHeartbeat(datagram, out ulong session, out ulong sequence);

        Assert.Multiple(() =>
        {
            Assert.That(read, Is.True);
            Assert.That(session, Is.EqualTo(SessionId));
            Assert.That(sequence, Is.EqualTo(expected));
            Assert.That(tag.IsGenuine(new HeartbeatKey(Key), datagram), Is.True);
        });
    }

    [TestCase(1ul, "50524201010000010123456789abcdef000000000000000107f758a2e98b4bb354ddadfee5af42d0")]
    [TestCase(2ul, "50524201010000010123456789abcdef000000000000000214f01d4682b4e0d90d694805b278d8ba")]
    public void WriteAndSign_KnownAnswerVectorThatAsks_GivesItsBytes(ulong sequence, string expected)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(SessionId), sequence, asks: true);

        Assert.That(Convert.ToHexStringLower(datagram), Is.EqualTo(expected));
        Assert.That(HeartbeatDatagram.AsksForAcknowledgement(datagram), Is.True);
    }

    [TestCase(1ul, "50524201020000000123456789abcdef00000000000000018fa1860a4fa44a1403a33392ff38062d")]
    [TestCase(2ul, "50524201020000000123456789abcdef0000000000000002eac8b8cdc382d32fd7c9578c6d3f8d09")]
    [TestCase(18446744073709551615ul, "50524201020000000123456789abcdefffffffffffffffff103eb701a31f9974517287660ec03cfc")]
    public void WriteAndSign_KnownAnswerVectorOfAnAcknowledgement_GivesItsBytesAndIsReadAsOneOnly(ulong expected, string hex)
    {
        byte[] datagram = new byte[HeartbeatDatagram.Length];
        using var tag = new HeartbeatTag();
        HeartbeatDatagram.WriteAcknowledgement(datagram, SessionId, expected);
        tag.Sign(new HeartbeatKey(Key), datagram);

        Assert.Multiple(() =>
        {
            Assert.That(Convert.ToHexStringLower(datagram), Is.EqualTo(hex));
            Assert.That(HeartbeatDatagram.TryReadAcknowledgement(datagram, out ulong session, out ulong sequence), Is.True);
            Assert.That((session, sequence), Is.EqualTo((SessionId, expected)));
            Assert.That(HeartbeatDatagram.TryReadHeartbeat(datagram, out _, out _), Is.False);
            Assert.That(HeartbeatDatagram.TryReadAcknowledgement(Datagrams.Genuine(Key, new SessionId(SessionId), expected), out _, out _), Is.False);
        });
    }

    [TestCase(0, 0x51)]
    [TestCase(1, 0x53)]
    [TestCase(2, 0x43)]
    [TestCase(3, 0x02, TestName = "TryReadHeartbeat_AnotherVersion_IsRefused")]
    [TestCase(4, 0x00, TestName = "TryReadHeartbeat_ReservedType0_IsRefused")]
    [TestCase(4, 0x02, TestName = "TryReadHeartbeat_Acknowledgement_IsRefused")]
    public void TryReadHeartbeat_WrongMagicVersionOrType_IsRefused(int offset, byte value)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(1), 1);
        datagram[offset] = value;

        Assert.That(HeartbeatDatagram.TryReadHeartbeat(datagram, out _, out _), Is.False);
    }

    [TestCase(0)]
    [TestCase(39)]
    [TestCase(41)]
    public void TryReadHeartbeat_AnotherLength_IsRefused(int length)
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(1), 1);
        Array.Resize(ref datagram, length);

        Assert.That(HeartbeatDatagram.TryReadHeartbeat(datagram, out _, out _), Is.False);
    }

    [Test]
    public void TryReadHeartbeat_FlagsThatALaterSenderMaySet_AreIgnored()
    {
        byte[] datagram = Datagrams.Genuine(Key, new SessionId(1), 1);
        datagram[6] = 0xff;
        datagram[7] = 0xff;

        Assert.That(HeartbeatDatagram.TryReadHeartbeat(datagram, out _, out _), Is.True);
    }
}
