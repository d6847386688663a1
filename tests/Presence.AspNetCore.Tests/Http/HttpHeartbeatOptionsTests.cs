using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Presence.Tests;

namespace Presence.AspNetCore.Tests.Http;

[TestFixture]
public sealed class HttpHeartbeatOptionsTests() : OptionBindingTests<HttpHeartbeatOptions>(
    new Dictionary<string, (string, object)> { [nameof(HttpHeartbeatOptions.MaxBeatsPerTick)] = ("7", 7) })
{
    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(1_000_000, true)]
    [TestCase(1_000_001, false)]
    public void Validate_AtAndBesideTheBounds_AcceptsOrSaysWhatIsAllowed(int max, bool isGood)
    {
        ServiceCollection services = new();
        services.AddPresence().AddHttpHeartbeats(options => options.MaxBeatsPerTick = max);
        using ServiceProvider provider = services.BuildServiceProvider();
        IOptions<HttpHeartbeatOptions> options = provider.GetRequiredService<IOptions<HttpHeartbeatOptions>>();

        Assert.That(() => options.Value.MaxBeatsPerTick, isGood ? Is.EqualTo(max) : Throws.TypeOf<OptionsValidationException>().With.Message.Contains($"{max} is out of range; it must be from 1 to 1000000."));
    }
}
