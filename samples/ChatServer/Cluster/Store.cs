using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.common;
using Garnet.server;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ChatServer;

/// <summary>The store that the servers share, and this server's one connection to it. With <c>--redis embedded</c> the store is Garnet, in this process.</summary>
internal sealed class Store : IDisposable
{
    /// <summary>What stands for a store in this process, where others have its address.</summary>
    public const string Embedded = "embedded";

    private readonly GarnetServer? _garnet;

    public Store(IOptions<ChatOptions> options, ILogger<Store> logger)
    {
        if (options.Value.Redis == Embedded)
        {
            Address = new IPEndPoint(IPAddress.Loopback, options.Value.RedisPort == 0 ? FreePort() : options.Value.RedisPort).ToString();
            _garnet = StartGarnet(IPEndPoint.Parse(Address));
            Log.StoreStarted(logger, Address);
        }
        else
        {
            Address = options.Value.Redis!;
        }

        var configuration = ConfigurationOptions.Parse(Address);
        configuration.AbortOnConnectFail = false; // a store that is away keeps nobody from chatting with those on this server
        Connection = ConnectionMultiplexer.Connect(configuration);
    }

    /// <summary>Where the store is, for the other servers' <c>--redis</c>.</summary>
    public string Address { get; }

    /// <summary>What presence and the chat's messages go over.</summary>
    public IConnectionMultiplexer Connection { get; }

    /// <summary>Whether a text says where a store is, so that it can be connected to.</summary>
    public static bool IsAddress(string text)
    {
        try
        {
            EndPointCollection endPoints = ConfigurationOptions.Parse(text).EndPoints;
            return endPoints.Count > 0 && endPoints.All(endPoint => endPoint is DnsEndPoint { Port: > 0 } or IPEndPoint { Port: > 0 });
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Connection.Dispose();
        _garnet?.Dispose();
    }

    private static GarnetServer StartGarnet(IPEndPoint endPoint)
    {
        var garnet = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [endPoint],
            EnableLua = true, // for the scripts of Presence.Redis, each of which is one transaction
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(),
            QuietMode = true,
        });
        try
        {
            garnet.Start();
            return garnet;
        }
        catch (GarnetException exception)
        {
            garnet.Dispose();
            throw new StartException(Complaints.OtherPort(exception.Message, "--redis-port"), exception);
        }
    }

    /// <summary>A port that is free now: Garnet takes 0 for any free one as well, but does not tell which it became.</summary>
    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
