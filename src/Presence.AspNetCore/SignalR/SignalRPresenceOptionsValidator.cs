using Microsoft.Extensions.Options;

namespace Presence.AspNetCore.SignalR;

/// <summary>Every rule that <see cref="SignalRPresenceOptions"/> must keep.</summary>
internal sealed class SignalRPresenceOptionsValidator(IOptionsMonitor<PresenceOptions> trackers) : IValidateOptions<SignalRPresenceOptions>
{
    private const int Max = PresenceOptions.MaxExpireAfter;

    public ValidateOptionsResult Validate(string? name, SignalRPresenceOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        int limit = options.ExpireAfter ?? trackers.Get(options.Tracker).ExpireAfter;
        Check(options.ExpireAfter is null or (>= 1 and <= Max), nameof(options.ExpireAfter), options.ExpireAfter, $"null, or from 1 to {Max} ticks");
        Check(options.ProbeAfter is null || (options.ProbeAfter >= 1 && options.ProbeAfter <= limit),
            nameof(options.ProbeAfter), options.ProbeAfter, $"null, or from 1 to the limit of {limit} ticks, or nobody is asked before he expires");
        Check(options.BrokenNotice is >= 1 and <= Max, nameof(options.BrokenNotice), options.BrokenNotice, $"from 1 to {Max} ticks");
        Check(Enum.IsDefined(options.SignOfLife), nameof(options.SignOfLife), options.SignOfLife, $"{SignOfLife.Messages} or {SignOfLife.Bytes}");
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
