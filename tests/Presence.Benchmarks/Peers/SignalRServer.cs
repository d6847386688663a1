using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Peers;

/// <summary>A SignalR server with default options. It writes a line when it tears a client down.</summary>
internal static class SignalRServer
{
    /// <summary>Of the framework that it runs on.</summary>
    public static string Version =>
        typeof(Hub).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static async Task<int> RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSignalR();
        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapHub<UserHub>("/hub");
        await app.StartAsync();
        Console.WriteLine($"Listening on TCP port {new Uri(app.Urls.Single()).Port}");
        await Parent.GoneAsync();
        return 0;
    }

    private sealed class UserHub : Hub
    {
        private string User => Context.GetHttpContext()!.Request.Query["user"].Single()!;

        public string WhoAmI() => User;

        public override Task OnDisconnectedAsync(Exception? exception) => Console.Out.WriteLineAsync($"gone {User}");
    }
}
