using System.Net.Sockets;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

[TestFixture(true)]
[TestFixture(false)]
public sealed class DatagramChannelTests(bool inBatches)
{
    private Socket _receiving = null!;
    private Socket _sending = null!;
    private DatagramChannel _channel = null!;

    [SetUp]
    public void SetUp()
    {
        _receiving = HeartbeatSocket.Create(Loopback.Options).Socket;
        _receiving.Bind(Loopback.AnyPort);
        _sending = Loopback.Sender();
        _sending.Connect(_receiving.LocalEndPoint!);
        _channel = Loopback.CreateChannel(_receiving, inBatches);
    }

    [TearDown]
    public void TearDown()
    {
        _sending.Dispose();
        _receiving.Dispose();
    }

    [Test]
    public void Read_ManyDatagrams_GivesAllInOrderWithTheirLengths()
    {
        const int Count = 200;
        for (int i = 0; i < Count; i++)
        {
            _sending.Send(Enumerable.Repeat((byte)i, i % 41).ToArray());
        }

        List<byte[]> read = ReadAll();

        Assert.That(read, Is.EqualTo(Enumerable.Range(0, Count).Select(i => Enumerable.Repeat((byte)i, i % 41).ToArray())));
    }

    [TestCase(41)]
    [TestCase(64)]
    [TestCase(65)]
    [TestCase(1_500)]
    [TestCase(65_507)]
    public void Read_DatagramLongerThanAHeartbeat_IsTakenAsLongerAndTheNextIsWhole(int length)
    {
        _sending.Send(new byte[length]);
        _sending.Send(Enumerable.Repeat((byte)7, HeartbeatDatagram.Length).ToArray());

        List<byte[]> read = ReadAll();

        Assert.Multiple(() =>
        {
            Assert.That(read, Has.Count.EqualTo(2));
            Assert.That(read[0], Has.Length.GreaterThan(HeartbeatDatagram.Length));
            Assert.That(read[1], Has.Length.EqualTo(HeartbeatDatagram.Length).And.All.EqualTo(7));
        });
    }

    [Test]
    public void Create_Here_TakesTheFastestThatWorks()
    {
        bool isBatched = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

        Assert.That(DatagramChannel.Create(_receiving), isBatched ? Is.TypeOf<BatchDatagramChannel>() : Is.TypeOf<PortableDatagramChannel>());
    }

    [Test]
    public void Read_ZeroLength_IsADatagram()
    {
        _sending.Send(Array.Empty<byte>());

        Assert.Multiple(() =>
        {
            Assert.That(_channel.Read(wait: true), Is.EqualTo(1));
            Assert.That(_channel[0].Length, Is.Zero);
        });
    }

    [Test]
    public void Read_NothingThere_GivesZeroWithOrWithoutWaiting()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_channel.Read(wait: false), Is.Zero);
            Assert.That(_channel.Read(wait: true), Is.Zero);
        });
    }

    [Test]
    public void Read_ManyDatagrams_AllocatesNothing()
    {
        for (int i = 0; i < 200; i++)
        {
            _sending.Send(new byte[HeartbeatDatagram.Length]);
        }

        _channel.Read(wait: true);
        _channel.Read(wait: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _channel.Read(wait: true);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void Read_ClosedSocket_Throws()
    {
        _receiving.Dispose();

        Assert.That(() => _channel.Read(wait: true), Throws.InstanceOf<SocketException>().Or.InstanceOf<ObjectDisposedException>());
    }

    private List<byte[]> ReadAll()
    {
        var all = new List<byte[]>();
        for (int read = _channel.Read(wait: true); read > 0; read = _channel.Read(wait: false))
        {
            for (int i = 0; i < read; i++)
            {
                all.Add(_channel[i].ToArray());
            }
        }

        return all;
    }
}
