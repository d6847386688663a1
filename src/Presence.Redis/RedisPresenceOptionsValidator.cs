using Microsoft.Extensions.Options;

namespace Presence.Redis;

/// <summary>Every rule that <see cref="RedisPresenceOptions"/> must keep.</summary>
internal sealed class RedisPresenceOptionsValidator : IValidateOptions<RedisPresenceOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisPresenceOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(options.Connection is not null || options.Configuration is not null,
            nameof(options.Configuration), "nothing", $"set, or {nameof(options.Connection)} must be");
        Check(IsPrintable(options.KeyPrefix, 64) && !options.KeyPrefix.AsSpan().ContainsAny('{', '}'),
            nameof(options.KeyPrefix), options.KeyPrefix, "1 to 64 printable ASCII characters without braces or spaces");
        Check(IsPrintable(options.ServerName, 128),
            nameof(options.ServerName), options.ServerName, "1 to 128 printable ASCII characters without spaces");
        Check(options.Shards is >= 1 and <= RedisPresenceOptions.MaxShards,
            nameof(options.Shards), options.Shards, $"from 1 to {RedisPresenceOptions.MaxShards}");
        Check(options.Lease >= RedisPresenceOptions.MinLease && options.Lease <= RedisPresenceOptions.MaxLease,
            nameof(options.Lease), options.Lease, $"from {RedisPresenceOptions.MinLease} to {RedisPresenceOptions.MaxLease}");
        Check(options.Grace >= TimeSpan.Zero && options.Grace <= RedisPresenceOptions.MaxLease,
            nameof(options.Grace), options.Grace, $"from {TimeSpan.Zero} to {RedisPresenceOptions.MaxLease}");
        Check(options.ForwardInterval >= TimeSpan.Zero && options.ForwardInterval <= RedisPresenceOptions.MaxForwardInterval,
            nameof(options.ForwardInterval), options.ForwardInterval, $"from {TimeSpan.Zero} to {RedisPresenceOptions.MaxForwardInterval}");
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
    public static void ThrowIfInvalid(RedisPresenceOptions options)
    {
        ValidateOptionsResult result = new RedisPresenceOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(RedisPresenceOptions), result.Failures);
        }
    }

    private static bool IsPrintable(string? text, int maxLength) =>
        text is { Length: > 0 } && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
