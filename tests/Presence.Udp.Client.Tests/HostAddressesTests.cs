using System.Net;
using System.Net.Sockets;
using Presence.Udp.Sending;

namespace Presence.Udp.Client.Tests;

[TestFixture]
public sealed class HostAddressesTests
{
    [TestCase("192.0.2.7")]
    [TestCase("2001:db8::7")]
    public void Known_Address_IsKnownAtOnceAndNeverLookedUp(string address)
    {
        var addresses = new HostAddresses(address, _ => throw new InvalidOperationException("looked up"), _ => Assert.Fail("answered"));

        addresses.LookUp();

        Assert.Multiple(() =>
        {
            Assert.That(addresses.Known, Is.EqualTo(new[] { IPAddress.Parse(address) }));
            Assert.That(addresses.IsLookingUp, Is.False);
        });
    }

    [Test]
    public void LookUp_Fails_KeepsWhatIsKnownAndTellsWhy()
    {
        using var answered = new SemaphoreSlim(0);
        int lookUps = 0;
        var addresses = new HostAddresses(
            "server",
            _ => ++lookUps switch
            {
                1 => [IPAddress.Loopback],
                2 => throw new SocketException((int)SocketError.HostNotFound),
                _ => [],
            },
            _ => answered.Release());

        List<SocketError?> errors = [];
        for (int i = 0; i < 3; i++)
        {
            addresses.LookUp();
            Assert.That(answered.Wait(Loopback.Timeout), Is.True);
            errors.Add((addresses.Error as SocketException)?.SocketErrorCode);
        }

        Assert.Multiple(() =>
        {
            Assert.That(addresses.Known, Is.EqualTo(new[] { IPAddress.Loopback }));
            Assert.That(errors, Is.EqualTo(new SocketError?[] { null, SocketError.HostNotFound, SocketError.NoData }));
        });
    }

    [Test]
    public void LookUp_ManyThatHang_StartsNoMoreThanFour()
    {
        using var hang = new ManualResetEventSlim();
        using var answered = new SemaphoreSlim(0);
        int running = 0;
        var addresses = new HostAddresses(
            "server",
            _ =>
            {
                Interlocked.Increment(ref running);
                hang.Wait(Loopback.Timeout);
                return [IPAddress.Loopback];
            },
            _ => answered.Release());

        for (int i = 0; i < 20; i++)
        {
            addresses.LookUp();
        }

        Loopback.WaitUntil(() => Volatile.Read(ref running) == 4, "four look-ups");
        hang.Set();
        Assert.That(answered.Wait(Loopback.Timeout), Is.True);
        Loopback.WaitUntil(() => !addresses.IsLookingUp, "the last to be taken");

        Assert.That(running, Is.EqualTo(4));
    }
}
