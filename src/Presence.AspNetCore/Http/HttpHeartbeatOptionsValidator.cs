using Microsoft.Extensions.Options;

namespace Presence.AspNetCore.Http;

/// <summary>The rule that <see cref="HttpHeartbeatOptions"/> must keep.</summary>
internal sealed class HttpHeartbeatOptionsValidator : IValidateOptions<HttpHeartbeatOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpHeartbeatOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.MaxBeatsPerTick is < 1 or > HttpHeartbeatOptions.MaxMaxBeatsPerTick)
        {
            result.AddError($"{options.MaxBeatsPerTick} is out of range; it must be from 1 to {HttpHeartbeatOptions.MaxMaxBeatsPerTick}.", nameof(options.MaxBeatsPerTick));
        }

        return result.Build();
    }
}
