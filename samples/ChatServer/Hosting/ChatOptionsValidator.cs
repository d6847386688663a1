using System.Net;
using Microsoft.Extensions.Options;

namespace ChatServer;

/// <summary>Every rule that <see cref="ChatOptions"/> must keep.</summary>
internal sealed class ChatOptionsValidator : IValidateOptions<ChatOptions>
{
    /// <summary>Room for a welcome, which is the longest that a client is ever sent at once, and for some lines more.</summary>
    private const int MinUnsentBytes = 8 * ChatOptions.MaxLineBytes;

    private static readonly TimeSpan MaxLoginTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, ChatOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        CheckPort(nameof(options.TcpPort), options.TcpPort);
        CheckPort(nameof(options.UdpPort), options.UdpPort);
        CheckPort(nameof(options.HttpPort), options.HttpPort);
        CheckPort(nameof(options.RedisPort), options.RedisPort);
        Check(!options.DevCert || string.IsNullOrEmpty(options.Cert), nameof(options.DevCert), options.DevCert, Complaints.LeftOutWithCert);
        Check(string.IsNullOrEmpty(options.Redis) || options.Redis == Store.Embedded || Store.IsAddress(options.Redis),
            nameof(options.Redis), options.Redis?.Split(',')[0], Complaints.StoreAddress); // after a comma there may be a password
        Check(options.LoginTimeout > TimeSpan.Zero && options.LoginTimeout <= MaxLoginTimeout,
            nameof(options.LoginTimeout), options.LoginTimeout, Complaints.OverZeroTo(MaxLoginTimeout));
        CheckLeast(nameof(options.MaxConnections), options.MaxConnections, 1);
        CheckLeast(nameof(options.MaxConnectionsPerAddress), options.MaxConnectionsPerAddress, 1);
        CheckLeast(nameof(options.MaxLinesPerSecond), options.MaxLinesPerSecond, 1);
        CheckLeast(nameof(options.MaxHeardBytesPerSecond), options.MaxHeardBytesPerSecond, 2 * ChatOptions.MaxLineBytes);
        CheckLeast(nameof(options.MaxUnsentBytes), options.MaxUnsentBytes, MinUnsentBytes);
        return result.Build();

        void CheckPort(string option, int port) =>
            Check(port is >= IPEndPoint.MinPort and <= IPEndPoint.MaxPort, option, port, Complaints.PortNumber);

        void CheckLeast(string option, int value, int least) => Check(value >= least, option, value, Complaints.AtLeast(least));

        void Check(bool valid, string option, object? value, string allowed)
        {
            if (!valid)
            {
                result.AddError(Complaints.Setting($"Chat:{option}", value, allowed));
            }
        }
    }
}
