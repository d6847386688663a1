namespace Presence.NetworkTests.Host;

/// <summary>One of "the others", who are to be told of each client that was expired, once.</summary>
internal static class Watcher
{
    public static async Task RunAsync(Arguments arguments)
    {
        using Connection connection = await Connection.ConnectAsync(arguments.Text("host", ""), arguments.Number("port", 7000), CancellationToken.None);
        int told = 0;
        await connection.WriteAsync("watch");
        await connection.ReadAsync();
        Task listening = ListenAsync();
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"status: expired={Volatile.Read(ref told)} listening={(listening.IsCompleted ? 0 : 1)}");
        }

        async Task ListenAsync()
        {
            while ((await connection.ReadAsync())?.Split(' ') is [_, "expired"])
            {
                Interlocked.Increment(ref told);
            }
        }
    }
}
