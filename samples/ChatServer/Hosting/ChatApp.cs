using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Presence;
using Presence.Redis;
using Presence.Udp;

namespace ChatServer;

/// <summary>Puts the server together, for <c>Program</c> and for tests.</summary>
internal static class ChatApp
{
    public static WebApplication Create(Dictionary<string, string?> settings, Action<IServiceCollection>? configure = null)
    {
        // The settings and the page are found beside the program, wherever it is started from.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        SettingsCheck.Check<ChatOptions>(builder.Configuration, "Chat");
        SettingsCheck.Check<PresenceOptions>(builder.Configuration, "Presence");
        SettingsCheck.Check<RedisPresenceOptions>(builder.Configuration, "Cluster");
        SettingsCheck.CheckLevels(builder.Configuration);
        SettingsCheck.CheckNone(builder.Configuration, "Kestrel");
        AddLogging(builder.Logging);
        configure?.Invoke(builder.Services);
        AddChat(builder.Services);
        AddListening(builder.Services);
        AddHeartbeats(builder.Services, builder.Configuration.GetValue<bool>("Chat:PlainHeartbeats"));
        if (!string.IsNullOrEmpty(builder.Configuration["Chat:Redis"]))
        {
            builder.Services.AddCluster();
        }

        WebApplication app = builder.Build();
        app.MapStatusPage();
        Startup.Prepare(app);
        return app;
    }

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // a failed start is told once, by Program

        // Whoever logs must not wait for a console that nobody reads: what does not fit in the queue is lost, and their number is logged.
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
    }

    private static void AddChat(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ChatOptions>().BindConfiguration("Chat");
        services.AddSingleton<IValidateOptions<ChatOptions>, ChatOptionsValidator>();
        services.AddPresence();
        services.AddOptions<PresenceOptions>().BindConfiguration("Presence");
        services.AddSingleton<Room>().AddSingleton<Entering>().AddSingleton<Leaving>().AddSingleton<Talking>().AddSingleton<History>();
        services.AddSingleton<ChatHandler>().AddSingleton<Login>().AddSingleton<Resuming>().AddSingleton<Breaking>().AddSingleton<Commands>().AddSingleton<LogRate>().AddSingleton<LoginTimeouts>();
        services.AddHostedService(provider => provider.GetRequiredService<LoginTimeouts>());
    }

    private static void AddListening(IServiceCollection services)
    {
        services.AddSingleton<Endpoints>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(provider => provider.GetRequiredService<Endpoints>());
        services.AddSingleton<IConfigureOptions<SocketTransportOptions>>(provider => provider.GetRequiredService<Endpoints>());
        services.AddSingleton(provider => OpenFiles.Grant(provider.GetRequiredService<IOptions<ChatOptions>>().Value.MaxConnections));
        services.AddSingleton(provider => Startup.Admit(provider.GetRequiredService<OpenFilesGrant>(), provider.GetRequiredService<IOptions<ChatOptions>>().Value));
        services.AddSingleton<IConnectionListenerFactory, AdmittingTransport>();
    }

    private static void AddHeartbeats(IServiceCollection services, bool arePlain)
    {
        if (arePlain)
        {
            services.AddHostedService<PlainHeartbeatListener>();
            return;
        }

        services.AddPresence().AddUdpHeartbeats();
        services.AddOptions<UdpHeartbeatOptions>()
            .Configure<IOptions<ChatOptions>>((udp, chat) => udp.EndPoint = new IPEndPoint(IPAddress.IPv6Any, chat.Value.UdpPort));
    }
}
