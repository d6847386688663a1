using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Presence;
using Presence.Redis;

namespace ChatServer;

/// <summary>Finds the words for what keeps the server from starting. What has none is a fault of the program, and keeps its stack trace.</summary>
internal static class StartFailure
{
    /// <summary>Where what is thrown is about settings, since nothing else of them can fail at the start.</summary>
    private static readonly string[] PartsOfSettings = ["Microsoft.Extensions.Configuration", "Microsoft.Extensions.Logging"];

    public static string? Explain(Exception failure, ChatOptions? options) => failure switch
    {
        StartException => failure.Message,
        OptionsValidationException invalid => string.Join(" ", invalid.Failures.Select(text => text.Replace("Property ", $"{SectionOf(invalid.OptionsType)}:", StringComparison.Ordinal))),
        InvalidDataException => Complaints.SettingsFile(failure.InnerException is { } cause ? $"{failure.Message} {cause.Message}" : failure.Message),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AccessDenied } socket => // TCP has its own words, in AdmittingTransport
            Complaints.Port("UDP", options?.UdpPort ?? 0, "--udp-port", socket.SocketErrorCode == SocketError.AddressAlreadyInUse),
        { Source: { } source } when PartsOfSettings.Any(part => source.StartsWith(part, StringComparison.Ordinal)) => Complaints.SettingUnusable(failure.Message),
        _ => null,
    };

    private static string SectionOf(Type options) => options == typeof(PresenceOptions) ? "Presence" : options == typeof(RedisPresenceOptions) ? "Cluster" : "Chat";
}
