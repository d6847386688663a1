using System.Net.Sockets;
using System.Text;

namespace Presence.NetworkTests.Host;

/// <summary>A well-behaved user of the chat server, who measures how long it takes to hear his own words.</summary>
internal static class ChatProbe
{
    private const int Pause = 5; // ms

    /// <summary>On <c>measure N</c>, says N things and tells the 50th and 99th percentile.</summary>
    public static async Task RunAsync(Arguments arguments)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(arguments.Text("host", ""), arguments.Number("port", 8080));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await stream.WriteAsync("""{"type":"login","user":"probe"}"""u8.ToArray().Append((byte)'\n').ToArray());
        await HearAsync(reader, "welcome");
        Console.WriteLine("ready");
        while ((await Console.In.ReadLineAsync())?.Split(' ') is [_, string count])
        {
            double[] times = new double[int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)];
            for (int i = 0; i < times.Length; i++)
            {
                long said = TimeProvider.System.GetTimestamp();
                string word = $"word-{said}";
                await stream.WriteAsync(Encoding.UTF8.GetBytes($$"""{"type":"say","text":"{{word}}"}""" + "\n"));
                await HearAsync(reader, word);
                times[i] = TimeProvider.System.GetElapsedTime(said).TotalMilliseconds;
                await Task.Delay(Pause);
            }

            Array.Sort(times);
            Console.WriteLine(FormattableString.Invariant($"measured: p50={times[times.Length / 2]:0.00} p99={times[times.Length * 99 / 100]:0.00}"));
        }
    }

    private static async Task HearAsync(StreamReader reader, string word)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new IOException("The server closed the connection.");
    }
}
