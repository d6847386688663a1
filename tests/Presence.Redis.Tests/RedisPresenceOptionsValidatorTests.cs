using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Presence.Redis.Tests;

public class RedisPresenceOptionsValidatorTests
{
    [Test]
    public void Validate_DefaultsWithAStore_Succeeds() => Assert.That(Validate(_ => { }).Succeeded);

    [TestCase("", "KeyPrefix")]
    [TestCase("a b", "KeyPrefix")]
    [TestCase("{a}", "KeyPrefix")]
    [TestCase("präsenz", "KeyPrefix")]
    public void Validate_BadPrefix_SaysWhatIsAllowed(string prefix, string option) =>
        Assert.That(Validate(options => options.KeyPrefix = prefix).FailureMessage, Does.Contain(option).And.Contain("printable"));

    [Test]
    public void Validate_OutOfRange_NamesOptionValueAndRange()
    {
        ValidateOptionsResult result = Validate(options =>
        {
            options.Configuration = null;
            options.ServerName = new string('x', 129);
            options.Shards = 0;
            options.Lease = TimeSpan.FromMilliseconds(999);
            options.Grace = TimeSpan.FromHours(2);
            options.ForwardInterval = TimeSpan.FromSeconds(11);
        });

        Assert.That(result.Failures!.Count(), Is.EqualTo(6));
        Assert.That(result.FailureMessage, Does.Contain("Configuration").And.Contain("ServerName").And.Contain("Shards").And.Contain("1024")
            .And.Contain("Lease").And.Contain("00:00:00.9990000").And.Contain("00:00:01").And.Contain("Grace").And.Contain("ForwardInterval"));
    }

    [Test]
    public void Constructor_BadOptions_Throws()
    {
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());

        Assert.That(() => new RedisPresenceCluster(tracker, new RedisPresenceOptions()), Throws.InstanceOf<OptionsValidationException>());
    }

    private static ValidateOptionsResult Validate(Action<RedisPresenceOptions> change)
    {
        var options = new RedisPresenceOptions { Configuration = ConfigurationOptions.Parse("localhost") };
        change(options);
        return new RedisPresenceOptionsValidator().Validate(null, options);
    }
}
