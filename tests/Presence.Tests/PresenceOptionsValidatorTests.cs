using Microsoft.Extensions.Options;

namespace Presence.Tests;

[TestFixture]
public sealed class PresenceOptionsValidatorTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly TestCaseData[] Invalid =
    [
        Case(new() { TickInterval = TimeSpan.Zero }, "TickInterval", ": 00:00:00 is"),
        Case(new() { TickInterval = TimeSpan.FromSeconds(-1) }, "TickInterval", "-00:00:01"),
        Case(new() { TickInterval = PresenceOptions.MinTickInterval - TimeSpan.FromTicks(1) }, "TickInterval", "00:00:00.0009999"),
        Case(new() { TickInterval = Day + TimeSpan.FromTicks(1) }, "TickInterval", "1.00:00:00.0000001"),
        Case(new() { ExpireAfter = 0 }, "ExpireAfter", ": 0 is"),
        Case(new() { ExpireAfter = PresenceOptions.MaxExpireAfter + 1 }, "ExpireAfter", "1000001"),
        Case(new() { Rule = (HeartbeatRule)7 }, "Rule", "Reset or Decrement"),
        Case(new() { MaxWithheldTicks = -1 }, "MaxWithheldTicks", "-1"),
        Case(new() { SuspectAfter = -1 }, "SuspectAfter", "-1"),
        Case(new() { SuspectAfter = PresenceOptions.MaxExpireAfter + 1 }, "SuspectAfter", "1000001"),
        Case(new() { MassExpiryShare = 0 }, "MassExpiryShare", ": 0 is"),
        Case(new() { MassExpiryShare = 1.01 }, "MassExpiryShare", "1.01"),
        Case(new() { MassExpiryShare = double.NaN }, "MassExpiryShare", "NaN"),
        Case(new() { MassExpiryMinimum = 0 }, "MassExpiryMinimum", ": 0 is"),
        Case(new() { MaxHeldTicks = -1 }, "MaxHeldTicks", "-1"),
        Case(new() { MaxExpirationsPerTick = 0 }, "MaxExpirationsPerTick", ": 0 is"),
        Case(new() { ConfirmTimeout = TimeSpan.Zero }, "ConfirmTimeout", "00:00:00"),
        Case(new() { CallbackDrainTimeout = TimeSpan.FromTicks(-1) }, "CallbackDrainTimeout", "-00:00:00.0000001"),
        Case(new() { CallbackDrainTimeout = Day + TimeSpan.FromTicks(1) }, "CallbackDrainTimeout", "1.00:00:00.0000001"),
    ];

    private static readonly PresenceOptions[] Valid =
    [
        new(),
        new() { TickInterval = PresenceOptions.MinTickInterval, ExpireAfter = 1, MaxWithheldTicks = 0, SuspectAfter = 0, MaxHeldTicks = 0, MaxExpirationsPerTick = 1, MassExpiryShare = 0.001, MassExpiryMinimum = 1, CallbackDrainTimeout = TimeSpan.Zero },
        new() { TickInterval = Day, ExpireAfter = PresenceOptions.MaxExpireAfter, SuspectAfter = PresenceOptions.MaxExpireAfter, Rule = HeartbeatRule.Decrement, CallbackDrainTimeout = Day },
    ];

    [TestCaseSource(nameof(Invalid))]
    public void Constructor_WithAnInvalidOption_ThrowsWhatItIsAndWhatItMayBe(PresenceOptions options, string option, string value) =>
        Assert.That(
            () => new PresenceTracker(options, new ManualTickSource()),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(option).And.Message.Contains(value).And.Message.Contains("must be"));

    [TestCaseSource(nameof(Valid))]
    public void Constructor_WithOptionsAtTheEdgesOfTheirRanges_Works(PresenceOptions options) =>
        Assert.That(() => new PresenceTracker(options, new ManualTickSource()).Dispose(), Throws.Nothing);

    private static TestCaseData Case(PresenceOptions options, string option, string value) =>
        new TestCaseData(options, option, value).SetArgDisplayNames(option, value);
}
