using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Presence;

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

        WebApplication app = builder.Build();
        app.MapStatusPage();
        app.Lifetime.ApplicationStarted.Register(() => LogEndpoints(app.Services));

        // Asked for here, before anything starts, so that a bad setting is told as one message.
        _ = app.Services.GetRequiredService<IOptions<ChatOptions>>().Value;
        _ = app.Services.GetRequiredService<IOptions<PresenceOptions>>().Value;
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
        services.AddSingleton<ChatHandler>();
        services.AddHostedService<HeartbeatListener>();
    }

    private static void LogEndpoints(IServiceProvider services)
    {
        Endpoints endpoints = services.GetRequiredService<Endpoints>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(nameof(ChatServer));
        Log.Listening(logger, endpoints.TcpPort, endpoints.UdpPort, endpoints.HttpPort);
    }
}
