using System.Globalization;

namespace Presence.AspNetCore.Tests.Processes;

/// <summary>The server of these tests in a process of its own, to be stopped, continued and killed.</summary>
internal sealed class ServerProcess : Child
{
    private const string CountPrefix = "online ";

    private ServerProcess(string[] arguments)
        : base("tests/Presence.AspNetCore.Tests.Server", arguments)
    {
    }

    public int Port { get; private set; }

    public static async Task<ServerProcess> StartAsync(int port = 0, params string[] more)
    {
        var server = new ServerProcess([port.ToString(CultureInfo.InvariantCulture), .. more]);
        try
        {
            server.Port = int.Parse(await server.ReadAsync("port "), CultureInfo.InvariantCulture);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public async Task<int> OnlineAsync()
    {
        int before = Lines.Count(IsCount);
        await WriteAsync("");
        await Wait.UntilAsync(() => Lines.Count(IsCount) > before, "how many are online");
        return int.Parse(Lines.Last(IsCount)[CountPrefix.Length..], CultureInfo.InvariantCulture);

        static bool IsCount(string line) => line.StartsWith(CountPrefix, StringComparison.Ordinal);
    }
}
