using System.Net;
using Microsoft.Extensions.Options;

namespace ChatServer;

/// <summary>Every rule that <see cref="ChatOptions"/> must keep.</summary>
internal sealed class ChatOptionsValidator : IValidateOptions<ChatOptions>
{
    private static readonly TimeSpan MaxLoginTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, ChatOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckPort(nameof(options.TcpPort), options.TcpPort);
        CheckPort(nameof(options.UdpPort), options.UdpPort);
        CheckPort(nameof(options.HttpPort), options.HttpPort);
        Check(!options.DevCert || string.IsNullOrEmpty(options.Cert), nameof(options.DevCert), options.DevCert, $"left out where {nameof(options.Cert)} is given");
        CheckPort(nameof(options.RedisPort), options.RedisPort);
        Check(string.IsNullOrEmpty(options.Redis) || options.Redis == Store.Embedded || Store.IsAddress(options.Redis),
            nameof(options.Redis), $"{options.Redis?.Split(',')[0]}", $"HOST:PORT, with what StackExchange.Redis reads after a comma, or '{Store.Embedded}'");
        Check(options.LoginTimeout > TimeSpan.Zero && options.LoginTimeout <= MaxLoginTimeout,
            nameof(options.LoginTimeout), options.LoginTimeout, $"over zero and at most {MaxLoginTimeout}");
        Check(options.MaxConnections >= 1, nameof(options.MaxConnections), options.MaxConnections, "1 or more");
        Check(options.MaxUnsentBytes >= ChatOptions.MaxLineBytes,
            nameof(options.MaxUnsentBytes), options.MaxUnsentBytes, $"{ChatOptions.MaxLineBytes} or more");
        return result.Build();

        void CheckPort(string option, int port) =>
            Check(port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, option, port, $"from {IPEndPoint.MinPort} (any free one) to {IPEndPoint.MaxPort}");

        void Check(bool valid, string option, object value, string allowed)
        {
            if (!valid)
            {
                result.AddError($"is {value}, but must be {allowed}.", $"Chat:{option}");
            }
        }
    }
}
