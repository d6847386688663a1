using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Freeze;

/// <summary>Many clients of one server in one process. Asked whether they are <c>served</c>, it says how many are.</summary>
internal static class FreezeClients
{
    private const int MostConnectingAtOnce = 32;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30); // a connection that was closed says so at once

    /// <param name="protocol">Whose clients.</param>
    /// <param name="port">The server's, on this machine.</param>
    /// <param name="prefix">What their names begin with; a number follows.</param>
    /// <param name="count">How many.</param>
    public static async Task<int> RunAsync(string protocol, int port, string prefix, int count)
    {
        IFreezeClient[] clients = [.. Enumerable.Range(0, count).Select(i => Make(protocol, $"{prefix}{i}"))];
        await Parallel.ForEachAsync(
            clients, new ParallelOptions { MaxDegreeOfParallelism = MostConnectingAtOnce }, async (client, _) => await client.ConnectAsync(port));
        Console.WriteLine("ready");
        await foreach (string question in Parent.Questions())
        {
            bool[] served = await Task.WhenAll(clients.Select(client => client.IsServedAsync(AnswerLimit)));
            Console.WriteLine($"{question} {served.Count(isServed => isServed)}");
        }

        return 0;
    }

    private static IFreezeClient Make(string protocol, string name) => protocol switch
    {
        "chat" => new ChatFreezeClient(name),
        "signalr" => new SignalRFreezeClient(name),
        "mqtt" => new MqttFreezeClient(name),
        _ => throw new ArgumentException($"'{protocol}' is no protocol."),
    };
}
