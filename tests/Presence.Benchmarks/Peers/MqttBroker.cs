using System.Net;
using System.Net.Sockets;
using System.Reflection;
using MQTTnet.Server;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Peers;

/// <summary>MQTTnet's server with default options. It writes a line when a client is disconnected, unless another took over.</summary>
internal static class MqttBroker
{
    public static string Version =>
        typeof(MqttServer).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version;

    public static async Task<int> RunAsync()
    {
        int port = FreePort();
        using MqttServer server = new MqttServerFactory().CreateMqttServer(
            new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointPort(port).Build());
        server.ClientDisconnectedAsync += args =>
            args.DisconnectType == MqttClientDisconnectType.Takeover ? Task.CompletedTask : Console.Out.WriteLineAsync($"gone {args.ClientId}");
        await server.StartAsync();
        Console.WriteLine($"Listening on TCP port {port}");
        await Parent.GoneAsync();
        return 0;
    }

    // The server does not say which port it got if it was given none.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
