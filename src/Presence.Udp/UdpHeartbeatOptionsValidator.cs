using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Presence.Udp;

/// <summary>Every rule that <see cref="UdpHeartbeatOptions"/> must keep.</summary>
internal sealed class UdpHeartbeatOptionsValidator : IValidateOptions<UdpHeartbeatOptions>
{
    public ValidateOptionsResult Validate(string? name, UdpHeartbeatOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        Check(options.EndPoint is { AddressFamily: AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 },
            nameof(options.EndPoint), options.EndPoint, "an IPv4 or IPv6 address with a port");
        Check(options.ReceiveBufferSize is >= UdpHeartbeatOptions.MinReceiveBufferSize and <= UdpHeartbeatOptions.MaxReceiveBufferSize,
            nameof(options.ReceiveBufferSize), options.ReceiveBufferSize,
            $"from {UdpHeartbeatOptions.MinReceiveBufferSize} to {UdpHeartbeatOptions.MaxReceiveBufferSize} bytes");
        Check(options.ReceiveThreads is null or (>= 1 and <= UdpHeartbeatOptions.MaxReceiveThreads),
            nameof(options.ReceiveThreads), options.ReceiveThreads, $"null, or from 1 to {UdpHeartbeatOptions.MaxReceiveThreads}");
        return result.Build();

        void Check(bool valid, string option, object? value, string allowed)
        {
            if (!valid)
            {
                result.AddError($"{value ?? "null"} is out of range; it must be {allowed}.", option);
            }
        }
    }

    /// <summary>Throws what the options framework throws, for options that did not come through it.</summary>
    public static void ThrowIfInvalid(UdpHeartbeatOptions options)
    {
        ValidateOptionsResult result = new UdpHeartbeatOptionsValidator().Validate(Options.DefaultName, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(UdpHeartbeatOptions), result.Failures);
        }
    }
}
