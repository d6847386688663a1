using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Presence.Tests;

namespace Presence.AspNetCore.Tests.SignalR;

[TestFixture]
public sealed class SignalRPresenceOptionsBindingTests() : OptionBindingTests<SignalRPresenceOptions>(
    new Dictionary<string, (string, object)>
    {
        [nameof(SignalRPresenceOptions.Tracker)] = ("\"tabs\"", "tabs"),
        [nameof(SignalRPresenceOptions.ExpireAfter)] = ("9", 9),
        [nameof(SignalRPresenceOptions.ProbeAfter)] = ("4", 4),
        [nameof(SignalRPresenceOptions.BrokenNotice)] = ("7", 7),
        [nameof(SignalRPresenceOptions.SignOfLife)] = ("\"Bytes\"", SignOfLife.Bytes),
    },
    nameof(SignalRPresenceOptions.Hubs),
    nameof(SignalRPresenceOptions.Groups),
    nameof(SignalRPresenceOptions.Audience))
{
    [TestCase(null, null, 3, SignOfLife.Messages, null)]
    [TestCase(1, 1, 1, SignOfLife.Bytes, null)]
    [TestCase(1_000_000, 1_000_000, 1_000_000, SignOfLife.Messages, null)]
    [TestCase(null, 5, 3, SignOfLife.Messages, null)]
    [TestCase(null, 6, 3, SignOfLife.Messages, "ProbeAfter: 6 is out of range; it must be null, or from 1 to the limit of 5 ticks")]
    [TestCase(9, 10, 3, SignOfLife.Messages, "ProbeAfter: 10 is out of range; it must be null, or from 1 to the limit of 9 ticks")]
    [TestCase(null, 0, 3, SignOfLife.Messages, "ProbeAfter: 0 is out of range")]
    [TestCase(0, null, 3, SignOfLife.Messages, "ExpireAfter: 0 is out of range; it must be null, or from 1 to 1000000 ticks.")]
    [TestCase(1_000_001, null, 3, SignOfLife.Messages, "ExpireAfter: 1000001 is out of range")]
    [TestCase(null, null, 0, SignOfLife.Messages, "BrokenNotice: 0 is out of range; it must be from 1 to 1000000 ticks.")]
    [TestCase(null, null, 1_000_001, SignOfLife.Messages, "BrokenNotice: 1000001 is out of range")]
    [TestCase(null, null, 3, (SignOfLife)7, "SignOfLife: 7 is out of range; it must be Messages or Bytes.")]
    public void Validate_AtAndBesideTheBounds_AcceptsOrSaysWhatIsAllowed(int? expireAfter, int? probeAfter, int notice, SignOfLife sign, string? failure)
    {
        ServiceCollection services = new();
        services.AddPresence();
        services.AddSignalR().AddPresence(options =>
            (options.ExpireAfter, options.ProbeAfter, options.BrokenNotice, options.SignOfLife) = (expireAfter, probeAfter, notice, sign));
        using ServiceProvider provider = services.BuildServiceProvider();

        string message = "";
        try
        {
            _ = provider.GetRequiredService<IOptions<SignalRPresenceOptions>>().Value;
        }
        catch (OptionsValidationException exception)
        {
            message = exception.Message;
        }

        Assert.That(message, failure is null ? Is.Empty : Does.Contain("Property " + failure));
    }
}
