using Microsoft.Extensions.Options;

namespace Presence;

/// <summary>Every rule that <see cref="PresenceOptions"/> must keep.</summary>
internal sealed class PresenceOptionsValidator : IValidateOptions<PresenceOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, PresenceOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(options.TickInterval >= PresenceOptions.MinTickInterval && options.TickInterval <= PresenceOptions.MaxTickInterval,
            nameof(options.TickInterval), options.TickInterval, $"from {PresenceOptions.MinTickInterval} to {PresenceOptions.MaxTickInterval}");
        Check(options.ExpireAfter is >= 1 and <= PresenceOptions.MaxExpireAfter,
            nameof(options.ExpireAfter), options.ExpireAfter, $"from 1 to {PresenceOptions.MaxExpireAfter} ticks");
        Check(Enum.IsDefined(options.Rule),
            nameof(options.Rule), options.Rule, string.Join(" or ", Enum.GetNames<HeartbeatRule>()));
        Check(options.MaxWithheldTicks is null or (>= 0 and <= PresenceOptions.MaxExpireAfter),
            nameof(options.MaxWithheldTicks), options.MaxWithheldTicks, $"null, or from 0 to {PresenceOptions.MaxExpireAfter} ticks");
        Check(options.SuspectAfter is null or (>= 0 and <= PresenceOptions.MaxExpireAfter),
            nameof(options.SuspectAfter), options.SuspectAfter, $"null, or from 0 to {PresenceOptions.MaxExpireAfter} ticks");
        Check(options.MassExpiryShare is > 0 and <= 1,
            nameof(options.MassExpiryShare), options.MassExpiryShare, "over 0 and at most 1");
        Check(options.MassExpiryMinimum >= 1,
            nameof(options.MassExpiryMinimum), options.MassExpiryMinimum, "1 or more");
        Check(options.MaxHeldTicks is null or (>= 0 and <= PresenceOptions.MaxExpireAfter),
            nameof(options.MaxHeldTicks), options.MaxHeldTicks, $"null, or from 0 to {PresenceOptions.MaxExpireAfter} ticks");
        Check(options.MaxExpirationsPerTick is null or >= 1,
            nameof(options.MaxExpirationsPerTick), options.MaxExpirationsPerTick, "null, or 1 or more");
        Check(options.ConfirmTimeout > TimeSpan.Zero && options.ConfirmTimeout <= MaxTimeout,
            nameof(options.ConfirmTimeout), options.ConfirmTimeout, $"over {TimeSpan.Zero} and at most {MaxTimeout}");
        Check(options.GroupLinger is >= 0 and <= PresenceOptions.MaxExpireAfter,
            nameof(options.GroupLinger), options.GroupLinger, $"from 0 to {PresenceOptions.MaxExpireAfter} ticks");
        Check(options.CallbackTimeout > TimeSpan.Zero && options.CallbackTimeout <= MaxTimeout,
            nameof(options.CallbackTimeout), options.CallbackTimeout, $"over {TimeSpan.Zero} and at most {MaxTimeout}");
        Check(options.CallbackDrainTimeout >= TimeSpan.Zero && options.CallbackDrainTimeout <= MaxTimeout,
            nameof(options.CallbackDrainTimeout), options.CallbackDrainTimeout, $"from {TimeSpan.Zero} to {MaxTimeout}");
        return result.Build();

        void Check(bool valid, string option, object? value, string allowed)
        {
            if (!valid)
            {
                result.AddError($"{value} is out of range; it must be {allowed}.", option);
            }
        }
    }

    /// <summary>Throws what the options framework throws, for options that did not come through it.</summary>
    public static void ThrowIfInvalid(PresenceOptions options)
    {
        ValidateOptionsResult result = new PresenceOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(PresenceOptions), result.Failures);
        }
    }
}
