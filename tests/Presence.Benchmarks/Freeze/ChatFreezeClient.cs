using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Presence.Benchmarks.Freeze;

/// <summary>A client of the sample's server, with signed heartbeats on UDP, which is what the sample does by default.</summary>
internal sealed class ChatFreezeClient(string user) : IFreezeClient
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _answer = new();
    private NetworkStream? _stream;

    public async Task ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        _stream = new NetworkStream(socket, ownsSocket: true);
        var reader = new StreamReader(_stream, Encoding.UTF8, false, bufferSize: 1024);
        await SendAsync($$"""{"type":"login","user":"{{user}}"}""");
        string line = await reader.ReadLineAsync() ?? throw new IOException($"The server closed the connection of {user} without a word.");
        if (!line.StartsWith("""{"type":"welcome""", StringComparison.Ordinal)) // nothing else is said before, but an error
        {
            throw new IOException($"The server did not welcome {user}, but said: {line}");
        }

        StartHeartbeats(JsonElement.Parse(line));
        _ = ReadAsync(reader);
    }

    public async Task<bool> IsServedAsync(TimeSpan limit)
    {
        try
        {
            TaskCompletionSource answer = _answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await SendAsync($$"""{"type":"tell","to":"{{user}}","text":"hello"}""");
            return await Task.WhenAny(answer.Task, _closed.Task).WaitAsync(limit) == answer.Task;
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            return false;
        }
    }

    private static void StartHeartbeats(JsonElement welcome)
    {
        JsonElement terms = welcome.GetProperty("heartbeat");
        if (!SessionId.TryParse(welcome.GetProperty("session").GetString(), out SessionId session))
        {
            throw new FormatException($"The server's welcome has no session: {welcome}");
        }

        HeartbeatThread.Shared.Add(
            session,
            welcome.GetProperty("key").GetBytesFromBase64(),
            terms.GetProperty("port").GetInt32(),
            TimeSpan.FromMilliseconds(terms.GetProperty("intervalMs").GetInt32()));
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("""{"type":"tell""", StringComparison.Ordinal))
                {
                    _answer.TrySetResult();
                }
            }
        }
        catch (IOException)
        {
            // A reset ends the connection, as a FIN does.
        }

        _closed.TrySetResult();
    }

    private async Task SendAsync(string line) => await _stream!.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
