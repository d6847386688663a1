using Microsoft.Extensions.Options;

namespace Presence.AspNetCore.WebSockets;

/// <summary>Every rule that <see cref="WebSocketPresenceOptions"/> must keep.</summary>
internal sealed class WebSocketPresenceOptionsValidator : IValidateOptions<WebSocketPresenceOptions>
{
    private const int Max = PresenceOptions.MaxExpireAfter;

    public ValidateOptionsResult Validate(string? name, WebSocketPresenceOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(options.ProbeAfter is null or (>= 1 and <= Max), nameof(options.ProbeAfter), options.ProbeAfter, $"null, or from 1 to {Max} ticks");
        Check(options.BrokenNotice is >= 1 and <= Max, nameof(options.BrokenNotice), options.BrokenNotice, $"from 1 to {Max} ticks");
        Check(options.MaxMessageSize is >= 1 and <= WebSocketPresenceOptions.MaxMaxMessageSize,
            nameof(options.MaxMessageSize), options.MaxMessageSize, $"from 1 to {WebSocketPresenceOptions.MaxMaxMessageSize} bytes");
        return result.Build();

        void Check(bool valid, string option, object? value, string allowed)
        {
            if (!valid)
            {
                result.AddError($"{value} is out of range; it must be {allowed}.", option);
            }
        }
    }
}
