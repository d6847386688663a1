using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Presence;
using Presence.Udp;

namespace ChatServer;

/// <summary>Puts the server together, for <c>Program</c> and for tests.</summary>
internal static class ChatApp
{
    public static WebApplication Create(string[] args, Action<IServiceCollection>? configure = null)
    {
        // The settings and the page are found beside the program, wherever it is started from.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(CommandLine.Parse(args));
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // a failed start is told once, by Program
        builder.WebHost.UseSockets();
        configure?.Invoke(builder.Services);
        AddChat(builder.Services);
        AddHeartbeats(builder.Services, builder.Configuration.GetValue<bool>("Chat:PlainHeartbeats"));

        if (!string.IsNullOrEmpty(builder.Configuration["Chat:Redis"]))
        {
            builder.Services.AddCluster();
        }

        WebApplication app = builder.Build();
        app.MapStatusPage();
        app.Lifetime.ApplicationStarted.Register(() => LogEndpoints(app.Services));

        // Asked for here, before anything starts, so that a bad setting is told as one message.
        _ = app.Services.GetRequiredService<IOptions<ChatOptions>>().Value;
        _ = app.Services.GetRequiredService<IOptions<PresenceOptions>>().Value;
        _ = app.Services.GetRequiredService<Endpoints>();
        return app;
    }

    private static void AddChat(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ChatOptions>().BindConfiguration("Chat", binder => binder.ErrorOnUnknownConfiguration = true);
        services.AddSingleton<IValidateOptions<ChatOptions>, ChatOptionsValidator>();

        services.AddPresence();
        services.AddOptions<PresenceOptions>().BindConfiguration("Presence", binder => binder.ErrorOnUnknownConfiguration = true);

        services.AddSingleton<Endpoints>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(provider => provider.GetRequiredService<Endpoints>());
        services.AddSingleton<IConfigureOptions<SocketTransportOptions>>(provider => provider.GetRequiredService<Endpoints>());
        services.AddSingleton<Room>();
        services.AddSingleton<LoginTimeouts>();
        services.AddHostedService(provider => provider.GetRequiredService<LoginTimeouts>());
        services.AddSingleton<ChatHandler>();
    }

    private static void AddHeartbeats(IServiceCollection services, bool arePlain)
    {
        if (arePlain)
        {
            services.AddHostedService<PlainHeartbeatListener>();
            return;
        }

        services.AddUdpHeartbeats();
        services.AddOptions<UdpHeartbeatOptions>()
            .Configure<IOptions<ChatOptions>>((udp, chat) => udp.EndPoint = new IPEndPoint(IPAddress.IPv6Any, chat.Value.UdpPort));
    }

    private static void LogEndpoints(IServiceProvider services)
    {
        Endpoints endpoints = services.GetRequiredService<Endpoints>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(ChatServer));
        Log.Listening(logger, endpoints.TcpPort, endpoints.HasTls ? "TLS" : "clear text", endpoints.UdpPort, endpoints.HttpPort);
        if (services.GetRequiredService<IOptions<ChatOptions>>().Value.DevCert)
        {
            Log.DevelopmentCertificate(logger);
        }
    }
}
