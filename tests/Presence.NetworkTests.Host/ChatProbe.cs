using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Presence.NetworkTests.Host;

/// <summary>A well-behaved user of the chat server, who measures how long it takes to hear his own words.</summary>
/// <remarks>He does not wait for one before he says the next: so a pause of the server is heard in all that was said during it, and weighs as much as it is long.</remarks>
internal static class ChatProbe
{
    private const string Mark = "said-at-";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    /// <summary>On <c>measure N</c>, says N things and tells how long each took, in ms.</summary>
    public static async Task RunAsync(Arguments arguments)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(arguments.Text("host", ""), arguments.Number("port", 8080));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await SendAsync(stream, """{"type":"login","user":"probe"}""");
        await HearAsync(reader, "welcome");
        Console.WriteLine("ready");
        while ((await Console.In.ReadLineAsync())?.Split(' ') is [_, string count])
        {
            double[] times = new double[int.Parse(count, CultureInfo.InvariantCulture)];
            Task saying = SayAsync(stream, times.Length);
            for (int i = 0; i < times.Length; i++)
            {
                string line = await HearAsync(reader, Mark);
                int at = line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
                times[i] = TimeProvider.System.GetElapsedTime(long.Parse(line.AsSpan(at, line.IndexOf('"', at) - at), CultureInfo.InvariantCulture)).TotalMilliseconds;
            }

            await saying;
            Console.WriteLine($"measured: {string.Join(' ', times.Select(time => time.ToString("0.00", CultureInfo.InvariantCulture)))}");
        }
    }

    private static async Task SayAsync(NetworkStream stream, int count)
    {
        using var timer = new PeriodicTimer(Interval);
        for (int i = 0; i < count; i++)
        {
            await timer.WaitForNextTickAsync();
            await SendAsync(stream, $$"""{"type":"say","text":"{{Mark}}{{TimeProvider.System.GetTimestamp()}}"}""");
        }
    }

    private static async Task SendAsync(NetworkStream stream, string line) => await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

    private static async Task<string> HearAsync(StreamReader reader, string what)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains(what, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new IOException("The server closed the connection.");
    }
}
