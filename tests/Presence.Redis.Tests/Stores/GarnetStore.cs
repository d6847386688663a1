using System.Globalization;
using Garnet;

namespace Presence.Redis.Tests.Stores;

/// <summary>Garnet in this process.</summary>
public sealed class GarnetStore : TestStore
{
    private readonly GarnetServer _server;

    public GarnetStore()
    {
        int port = FreePort.Next();
        Configuration = $"127.0.0.1:{port}";
        _server = new GarnetServer(["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--lua", "--lua-transaction-mode"]);
        _server.Start();
    }

    public override string Configuration { get; }

    public override ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }
}
