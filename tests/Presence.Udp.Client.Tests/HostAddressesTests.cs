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
        using var addresses = new HostAddresses(address, _ => throw new InvalidOperationException("looked up"), _ => Assert.Fail("answered"));

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
        using var addresses = new HostAddresses(
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
    public void LookUp_ManyThatHang_StartsFourAndOneForTheOthersAfterwards()
    {
        using var hang = new ManualResetEventSlim();
        int running = 0;
        int answers = 0;
        using var addresses = new HostAddresses(
            "server",
            _ =>
            {
                Interlocked.Increment(ref running);
                hang.Wait(Loopback.Timeout);
                return [IPAddress.Loopback];
            },
            _ => Interlocked.Increment(ref answers));

        for (int i = 0; i < 20; i++)
        {
            addresses.LookUp();
        }

        Loopback.WaitUntil(() => Volatile.Read(ref running) == 4, "four look-ups");
        hang.Set();
        Loopback.WaitUntil(() => Volatile.Read(ref answers) > 0, "an answer");
        Loopback.WaitUntil(() => !addresses.IsLookingUp, "the last to be taken");

        Assert.That(running, Is.EqualTo(5), "who asked while four hung may know of a change that those missed");
    }
}
