using Microsoft.Extensions.Options;
using Presence;

namespace ChatServer;

/// <summary>What is done once, before the server listens and as it does.</summary>
internal static class Startup
{
    /// <summary>Asks for what can be set wrong, before anything starts: so it is told as one message. And for what follows the tracker, so that it is there before the first login.</summary>
    public static void Prepare(WebApplication app)
    {
        _ = app.Services.GetRequiredService<IOptions<ChatOptions>>().Value;
        _ = app.Services.GetRequiredService<IOptions<PresenceOptions>>().Value;
        _ = app.Services.GetRequiredService<Endpoints>();
        _ = app.Services.GetRequiredService<Entering>();
        _ = app.Services.GetRequiredService<Leaving>();
        app.Lifetime.ApplicationStarted.Register(() => LogStart(app.Services));
    }

    /// <summary>As many connections as the settings want, if the process may open so many files.</summary>
    public static Admission Admit(OpenFilesGrant granted, ChatOptions options) => new(granted.Chat, options.MaxConnectionsPerAddress);

    private static void LogStart(IServiceProvider services)
    {
        Endpoints endpoints = services.GetRequiredService<Endpoints>();
        Admission admission = services.GetRequiredService<Admission>();
        ChatOptions options = services.GetRequiredService<IOptions<ChatOptions>>().Value;
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(ChatServer));
        if (admission.Most < options.MaxConnections)
        {
            Log.FewerConnections(logger, options.MaxConnections, admission.Most, OpenFiles.Most);
        }

        Log.Connections(logger, admission.Most, options.MaxConnectionsPerAddress);
        if (options.DevCert)
        {
            Log.DevelopmentCertificate(logger);
        }

        Log.Listening(logger, endpoints.TcpPort, endpoints.HasTls ? "TLS" : "clear text", endpoints.UdpPort, endpoints.HttpPort);
    }
}
