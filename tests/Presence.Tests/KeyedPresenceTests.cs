using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Presence.Tests;

/// <summary>Several trackers in one host.</summary>
[TestFixture]
public sealed class KeyedPresenceTests
{
    private ManualTickSource _ticks = null!;
    private ServiceCollection _services = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _services = new ServiceCollection();
    }

    [Test]
    public void AddPresence_WithAndWithoutAName_GivesABuilderThatSaysSo()
    {
        IPresenceBuilder plain = _services.AddPresence();
        IPresenceBuilder keyed = _services.AddKeyedPresence("input");

        Assert.That((plain.Services, plain.Name, keyed.Services, keyed.Name), Is.EqualTo(((IServiceCollection)_services, (string?)null, (IServiceCollection)_services, "input")));
    }

    [Test]
    public async Task AddKeyedPresence_OnOneTickSource_GivesTrackersApartWithTheirOwnOptions()
    {
        _services.AddSingleton<ITickSource>(_ticks);
        _services.AddPresence(options => options.ExpireAfter = 5);
        _services.AddKeyedPresence("input", options => options.ExpireAfter = 2);
        _services.AddKeyedPresence("input", options => options.Rule = HeartbeatRule.Decrement);
        await using ServiceProvider provider = _services.BuildServiceProvider();
        var connections = provider.GetRequiredService<IPresenceTracker>();
        var input = provider.GetRequiredKeyedService<IPresenceTracker>("input");
        connections.Join("zhangsan");
        input.Join("zhangsan");
        provider.GetRequiredKeyedService<IHeartbeatSink>("input").Heartbeat("zhangsan");

        Assert.That(provider.GetRequiredKeyedService<PresenceTracker>("input"), Is.SameAs(input).And.Not.SameAs(connections));
        Assert.That(input.TryGetClient("zhangsan", out ClientStatus status) ? (status.Count, status.ExpireAfter) : default, Is.EqualTo((-1, 2)));
        _ticks.Advance(5);
        Assert.That((connections.OnlineCount, input.OnlineCount), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task AddKeyedPresence_WithATickSourceOfItsKey_TicksByThatOne()
    {
        var own = new ManualTickSource();
        _services.AddSingleton<ITickSource>(_ticks);
        _services.AddKeyedSingleton<ITickSource>("input", own);
        _services.AddKeyedPresence("input");
        await using ServiceProvider provider = _services.BuildServiceProvider();
        var input = provider.GetRequiredKeyedService<IPresenceTracker>("input");
        input.Join("zhangsan");

        _ticks.Advance(6);
        int byTheOther = input.OnlineCount;
        own.Advance(6);

        Assert.That((byTheOther, input.OnlineCount), Is.EqualTo((1, 0)));
        Assert.That(provider.GetService<IPresenceTracker>(), Is.Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Metrics_OfTrackersWithNames_AreToldApartByTheirMeters(bool withFactory)
    {
        if (withFactory)
        {
            _services.AddMetrics();
        }

        string other = $"other {withFactory}";
        string input = $"input {withFactory}";
        _services.AddSingleton<ITickSource>(_ticks);
        _services.AddKeyedPresence(other);
        _services.AddKeyedPresence(input);
        using ServiceProvider provider = _services.BuildServiceProvider();
        provider.GetRequiredKeyedService<IPresenceTracker>(other);
        provider.GetRequiredKeyedService<IPresenceTracker>(input).Join("zhangsan");
        var online = new Dictionary<object, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "presence.clients.online" && instrument.Meter.Tags?.Any(tag => tag.Value is string name && (name == other || name == input)) == true)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => online.Add(instrument.Meter.Tags!.Single(tag => tag.Key == "presence.tracker").Value!, value));
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.That(online, Is.EquivalentTo(new Dictionary<object, long> { [other] = 0, [input] = 1 }));
    }

    [Test]
    public void AddKeyedPresence_WithAnInvalidOption_FailsAtTheStartOfTheHost()
    {
        _services.AddKeyedPresence("input", options => options.ExpireAfter = 0);
        using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.That(
            provider.GetRequiredService<IStartupValidator>().Validate,
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("ExpireAfter: 0 is out of range"));
    }

    [Test]
    public void AddKeyedPresence_WithoutANameOrServices_Throws()
    {
        Assert.That(() => _services.AddKeyedPresence(""), Throws.ArgumentException);
        Assert.That(() => PresenceServiceCollectionExtensions.AddKeyedPresence(null!, "input"), Throws.ArgumentNullException);
    }
}
