using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Presence.Benchmarks.Reconnect;

/// <summary>Speaks as clients of the sample's server do. Where a name that is still online is refused, it asks again, at once.</summary>
internal sealed class ChatConnection(Socket socket, string user) : ReconnectConnection(socket, Line(new { type = "login", user }))
{
    private static readonly byte[] Who = Line(new { type = "who" });

    private readonly byte[] _tell = Line(new { type = "tell", to = user, text = "hello" });
    private StreamReader? _reader;

    protected override async Task<bool> TryBeWelcomeAsync(CancellationToken cancellationToken)
    {
        while (await ReadAsync("welcome", "error", cancellationToken) is { } answer)
        {
            if (answer.GetProperty("type").GetString() == "welcome")
            {
                return true;
            }

            SendLogin(); // "name-in-use": the old session is still there
        }

        return false;
    }

    /// <summary>Tells itself something, and wants to be on the list of who is online.</summary>
    protected override async Task<bool> TryBeServedAsync(CancellationToken cancellationToken)
    {
        await Stream.WriteAsync(_tell, cancellationToken);
        if (await ReadAsync("tell", "error", cancellationToken) is not { } told || told.GetProperty("type").GetString() != "tell")
        {
            return false;
        }

        await Stream.WriteAsync(Who, cancellationToken);
        return await ReadAsync("who", "error", cancellationToken) is { } who
            && who.GetProperty("online").EnumerateArray().Any(name => name.GetString() == user);
    }

    /// <summary>Reads up to a message of one of two types.</summary>
    /// <returns>The message; null if the connection has ended.</returns>
    private async Task<JsonElement?> ReadAsync(string type, string otherType, CancellationToken cancellationToken)
    {
        _reader ??= new StreamReader(Stream, Encoding.UTF8, false, bufferSize: 4096);
        while (await _reader.ReadLineAsync(cancellationToken) is { } line)
        {
            JsonElement message = JsonElement.Parse(line);
            string? read = message.GetProperty("type").GetString();
            if (read == type || read == otherType)
            {
                return message;
            }
        }

        return null;
    }

    private static byte[] Line(object message) => [.. JsonSerializer.SerializeToUtf8Bytes(message), (byte)'\n'];
}
