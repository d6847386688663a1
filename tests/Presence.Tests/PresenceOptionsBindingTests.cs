namespace Presence.Tests;

[TestFixture]
public sealed class PresenceOptionsBindingTests() : OptionBindingTests<PresenceOptions>(
    new Dictionary<string, (string, object)>
    {
        [nameof(PresenceOptions.TickInterval)] = ("\"00:00:02\"", TimeSpan.FromSeconds(2)),
        [nameof(PresenceOptions.ExpireAfter)] = ("60", 60),
        [nameof(PresenceOptions.SuspectAfter)] = ("0", 0),
        [nameof(PresenceOptions.Rule)] = ("\"decrement\"", HeartbeatRule.Decrement),
        [nameof(PresenceOptions.MaxWithheldTicks)] = ("7", 7),
        [nameof(PresenceOptions.MassExpiryShare)] = ("0.25", 0.25),
        [nameof(PresenceOptions.MassExpiryMinimum)] = ("6", 6),
        [nameof(PresenceOptions.MaxHeldTicks)] = ("8", 8),
        [nameof(PresenceOptions.MaxExpirationsPerTick)] = ("9", 9),
        [nameof(PresenceOptions.ConfirmTimeout)] = ("\"00:00:00.5\"", TimeSpan.FromMilliseconds(500)),
        [nameof(PresenceOptions.GroupLinger)] = ("3", 3),
        [nameof(PresenceOptions.CallbackTimeout)] = ("\"00:00:10\"", TimeSpan.FromSeconds(10)),
        [nameof(PresenceOptions.CallbackDrainTimeout)] = ("\"00:01:00\"", TimeSpan.FromMinutes(1)),
    },
    nameof(PresenceOptions.ConfirmExpiry))
{
    [Test]
    public void Bind_OfALimitOnly_LeavesEachSessionsSuspicionAtHalfOfItsOwn()
    {
        var options = Bind("""{ "ExpireAfter": 5 }""");
        var ticks = new ManualTickSource();
        using var tracker = new PresenceTracker(options, ticks);
        tracker.Join("a", new JoinOptions { ExpireAfter = 60 });

        ticks.Advance(30);
        bool atHalf = tracker.TryGetClient("a", out ClientStatus status) && status.IsSuspect;
        ticks.Advance();
        bool overHalf = tracker.TryGetClient("a", out status) && status.IsSuspect;

        Assert.That((atHalf, overHalf), Is.EqualTo((false, true)));
    }
}
