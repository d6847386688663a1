using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Reconnect;

/// <summary>
/// The least server in which a login takes over from an older one, as MQTT has it. It speaks as the sample does, and keeps an inbox for each user, which the
/// tracker's callbacks set up and tear down.
/// </summary>
/// <param name="isFiledUnderName">
/// The mistake, for comparison: a connection that ends looks whether its user's name is still its own, and then has the name leave rather than its session.
/// </param>
internal sealed class TakeoverServer(bool isFiledUnderName)
{
    private readonly PresenceTracker _tracker = new(new PresenceOptions { ExpireAfter = 3600 }, new TimeProviderTickSource(TimeSpan.FromSeconds(1))); // here connections end, not heartbeats
    private readonly ConcurrentDictionary<string, Connection> _inboxes = new();

    public async Task<int> RunAsync()
    {
        _tracker.OnChange(PresenceChanges.Joined, SetUp);
        _tracker.OnChange(PresenceChanges.Ended, TearDown);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = AcceptAsync(listener);
        Console.WriteLine($"Listening on TCP port {((IPEndPoint)listener.LocalEndpoint).Port}");
        await Parent.GoneAsync();
        return 0;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            _ = ServeAsync(new Connection(await listener.AcceptSocketAsync()));
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        string user = "";
        try
        {
            while (await connection.ReadAsync() is { } message)
            {
                switch (message.GetProperty("type").GetString())
                {
                    case "login":
                        user = message.GetProperty("user").GetString()!;
                        connection.Session = _tracker.Join(user, connection).Session;
                        break;
                    case "tell" when _inboxes.TryGetValue(message.GetProperty("to").GetString()!, out Connection? inbox):
                        inbox.Send(new { type = "tell" });
                        break;
                    case "who":
                        connection.Send(new { type = "who", online = _tracker.Snapshot().Select(client => client.ClientId) });
                        break;
                }
            }
        }
        finally
        {
            Leave(user, connection);
            connection.Dispose();
        }
    }

    private void Leave(string user, Connection connection)
    {
        if (!isFiledUnderName)
        {
            _tracker.Leave(connection.Session);
        }
        else if (_inboxes.GetValueOrDefault(user) == connection)
        {
            _tracker.Leave(user);
        }
    }

    private ValueTask SetUp(PresenceChange change)
    {
        var connection = (Connection)change.State!;
        _inboxes[change.ClientId] = connection;
        connection.Send(new { type = "welcome" });
        return default;
    }

    private ValueTask TearDown(PresenceChange change)
    {
        var connection = (Connection)change.State!;
        _inboxes.TryRemove(KeyValuePair.Create(change.ClientId, connection));
        connection.Dispose();
        return default;
    }

    private sealed class Connection(Socket socket) : IDisposable
    {
        private readonly StreamReader _reader = new(new NetworkStream(socket), Encoding.UTF8, false, bufferSize: 1024);

        public SessionId Session { get; set; }

        public async Task<JsonElement?> ReadAsync()
        {
            try
            {
                return await _reader.ReadLineAsync() is { } line ? JsonElement.Parse(line) : null;
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                return null;
            }
        }

        public void Send(object message)
        {
            try
            {
                socket.Send([.. JsonSerializer.SerializeToUtf8Bytes(message), (byte)'\n']);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Reading says so too, and that is where it is acted upon.
            }
        }

        public void Dispose() => socket.Dispose();
    }
}
