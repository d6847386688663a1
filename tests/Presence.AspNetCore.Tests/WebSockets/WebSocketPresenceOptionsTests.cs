using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Presence.Tests;

namespace Presence.AspNetCore.Tests.WebSockets;

[TestFixture]
public sealed class WebSocketPresenceOptionsTests() : OptionBindingTests<WebSocketPresenceOptions>(
    new Dictionary<string, (string, object)>
    {
        [nameof(WebSocketPresenceOptions.ProbeAfter)] = ("4", 4),
        [nameof(WebSocketPresenceOptions.BrokenNotice)] = ("7", 7),
        [nameof(WebSocketPresenceOptions.MaxMessageSize)] = ("100", 100),
    })
{
    [TestCase(null, 1, 1, null)]
    [TestCase(1, 1_000_000, 1024 * 1024 * 1024, null)]
    [TestCase(1_000_000, 3, 100, null)]
    [TestCase(0, 3, 100, "ProbeAfter: 0 is out of range; it must be null, or from 1 to 1000000 ticks.")]
    [TestCase(1_000_001, 3, 100, "ProbeAfter: 1000001 is out of range")]
    [TestCase(null, 0, 100, "BrokenNotice: 0 is out of range; it must be from 1 to 1000000 ticks.")]
    [TestCase(null, 1_000_001, 100, "BrokenNotice: 1000001 is out of range")]
    [TestCase(null, 3, 0, "MaxMessageSize: 0 is out of range; it must be from 1 to 1073741824 bytes.")]
    [TestCase(null, 3, 1024 * 1024 * 1024 + 1, "MaxMessageSize: 1073741825 is out of range")]
    public void Validate_AtAndBesideTheBounds_AcceptsOrSaysWhatIsAllowed(int? probeAfter, int notice, int size, string? failure)
    {
        ServiceCollection services = new();
        services.AddPresence().AddWebSockets(options => (options.ProbeAfter, options.BrokenNotice, options.MaxMessageSize) = (probeAfter, notice, size));
        using ServiceProvider provider = services.BuildServiceProvider();

        string message = "";
        try
        {
            _ = provider.GetRequiredService<IOptions<WebSocketPresenceOptions>>().Value;
        }
        catch (OptionsValidationException exception)
        {
            message = exception.Message;
        }

        Assert.That(message, failure is null ? Is.Empty : Does.Contain("Property " + failure));
    }

    [Test]
    public void AddWebSockets_TwiceAndWithAKey_AddsOnePauseForEachTracker()
    {
        ServiceCollection services = new();
        services.AddPresence().AddWebSockets(options => options.ProbeAfter = 1).AddWebSockets(options => options.BrokenNotice = 9);
        services.AddKeyedPresence("input").AddWebSockets(options => options.ProbeAfter = 3);
        using ServiceProvider provider = services.BuildServiceProvider();
        IOptionsMonitor<WebSocketPresenceOptions> options = provider.GetRequiredService<IOptionsMonitor<WebSocketPresenceOptions>>();

        Assert.That(services.Count(service => service.ServiceType == typeof(IHostedService)), Is.EqualTo(2));
        Assert.That((options.CurrentValue.ProbeAfter, options.CurrentValue.BrokenNotice, options.Get("input").ProbeAfter), Is.EqualTo((1, 9, 3)));
    }

    [Test]
    public async Task MapPresenceWebSocket_WithoutItsServices_SaysSo()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddPresence();
        await using WebApplication app = builder.Build();

        Assert.That(() => app.MapPresenceWebSocket("/ws", static _ => default), Throws.InvalidOperationException);
    }
}
