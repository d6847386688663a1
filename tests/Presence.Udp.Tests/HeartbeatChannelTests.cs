using System.Net;
using System.Net.Sockets;
using Presence.Udp.Sending;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class HeartbeatChannelTests
{
    /// <summary>Sending to it fails at once: a socket has to ask for broadcasts.</summary>
    private static readonly IPAddress Unreachable = IPAddress.Broadcast;

    private Socket _receiving = null!;
    private int _port;

    [SetUp]
    public void SetUp()
    {
        _receiving = Loopback.Sender();
        _receiving.Bind(Loopback.AnyPort);
        _receiving.ReceiveTimeout = (int)Loopback.Timeout.TotalMilliseconds;
        _port = ((IPEndPoint)_receiving.LocalEndPoint!).Port;
    }

    [TearDown]
    public void TearDown() => _receiving.Dispose();

    [Test]
    public void Send_Address_Arrives()
    {
        using var channel = new HeartbeatChannel("127.0.0.1", _port, Dns.GetHostAddresses);

        channel.Send([1, 2, 3]);

        Assert.That(_receiving.Receive(new byte[10]), Is.EqualTo(3));
    }

    [Test]
    public void Send_NameThatDoesNotResolve_ThrowsAndResolvesAgainNextTime()
    {
        int calls = 0;
        using var channel = new HeartbeatChannel(
            "server", _port, _ => calls++ == 0 ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Loopback]);

        Assert.That(() => channel.Send([1]), Throws.InstanceOf<SocketException>());
        channel.Send([1]);

        Assert.That(_receiving.Receive(new byte[10]), Is.EqualTo(1));
    }

    [Test]
    public void Send_NameWithoutAddresses_Throws()
    {
        using var channel = new HeartbeatChannel("server", _port, _ => []);

        Assert.That(() => channel.Send([1]), Throws.InstanceOf<SocketException>());
    }

    [Test]
    public void Send_FirstAddressFails_TakesTheNext()
    {
        using var channel = new HeartbeatChannel("server", _port, _ => [Unreachable, IPAddress.Loopback]);

        Assert.That(() => channel.Send([1]), Throws.InstanceOf<SocketException>());
        channel.Send([1]);

        Assert.That(_receiving.Receive(new byte[10]), Is.EqualTo(1));
    }

    [Test]
    public void Send_AddressFails_TakesWhatTheNameResolvesToByThen()
    {
        IPAddress address = Unreachable;
        using var channel = new HeartbeatChannel("server", _port, _ => [address]);

        Assert.That(() => channel.Send([1]), Throws.InstanceOf<SocketException>());
        address = IPAddress.Loopback;

        Loopback.WaitUntil(() => TrySend(channel), "the name to be resolved again");
    }

    [Test]
    public void Send_ResolvingHangsAfterAFailure_GoesOnWithWhatIsKnown()
    {
        using var hang = new ManualResetEventSlim();
        int calls = 0;
        using var channel = new HeartbeatChannel("server", _port, _ =>
        {
            if (calls++ > 0)
            {
                hang.Wait(Loopback.Timeout);
            }

            return [IPAddress.Loopback];
        });
        channel.Send([1]);

        channel.Restart();
        channel.Send([1, 2]);
        hang.Set();

        Assert.That(_receiving.Receive(new byte[10]) + _receiving.Receive(new byte[10]), Is.EqualTo(3));
    }

    [Test]
    public void Restart_Always_SendsFromANewSocket()
    {
        using var channel = new HeartbeatChannel("127.0.0.1", _port, Dns.GetHostAddresses);
        channel.Send([1]);
        EndPoint first = ReceiveFrom();

        channel.Restart();
        channel.Send([1]);

        Assert.That(ReceiveFrom(), Is.Not.EqualTo(first));
    }

    private static bool TrySend(HeartbeatChannel channel)
    {
        try
        {
            channel.Send([1]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private EndPoint ReceiveFrom()
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        _receiving.ReceiveFrom(new byte[10], ref from);
        return from;
    }
}
