using System.Net;
using Microsoft.Extensions.Options;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class UdpHeartbeatOptionsValidatorTests
{
    [Test]
    public void Validate_Defaults_Succeeds() => Assert.That(Validate(new UdpHeartbeatOptions()).Succeeded, Is.True);

    [TestCase(UdpHeartbeatOptions.MinReceiveBufferSize - 1, false)]
    [TestCase(UdpHeartbeatOptions.MinReceiveBufferSize, true)]
    [TestCase(UdpHeartbeatOptions.MaxReceiveBufferSize, true)]
    [TestCase(UdpHeartbeatOptions.MaxReceiveBufferSize + 1, false)]
    public void Validate_ReceiveBufferSize_IsHeldToItsRange(int size, bool valid)
    {
        ValidateOptionsResult result = Validate(new UdpHeartbeatOptions { ReceiveBufferSize = size });

        Assert.That(result.Succeeded, Is.EqualTo(valid));
    }

    [TestCase(null, true)]
    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(UdpHeartbeatOptions.MaxReceiveThreads, true)]
    [TestCase(UdpHeartbeatOptions.MaxReceiveThreads + 1, false)]
    public void Validate_ReceiveThreads_IsHeldToItsRange(int? threads, bool valid)
    {
        ValidateOptionsResult result = Validate(new UdpHeartbeatOptions { ReceiveThreads = threads });

        Assert.That(result.Succeeded, Is.EqualTo(valid));
    }

    [Test]
    public void Validate_NoEndPoint_SaysWhatItMayBe()
    {
        ValidateOptionsResult result = Validate(new UdpHeartbeatOptions { EndPoint = null! });

        Assert.That(result.FailureMessage, Does.Contain("EndPoint").And.Contain("null is out of range").And.Contain("IPv4 or IPv6"));
    }

    [Test]
    public void Listener_InvalidOptions_Throws()
    {
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        using var keys = new HeartbeatKeys(tracker);
        var options = new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), ReceiveBufferSize = 0 };

        Assert.That(() => new UdpHeartbeatListener(tracker, keys, options), Throws.TypeOf<OptionsValidationException>());
    }

    private static ValidateOptionsResult Validate(UdpHeartbeatOptions options) => new UdpHeartbeatOptionsValidator().Validate(Options.DefaultName, options);
}
