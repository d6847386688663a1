using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Presence.Udp;

namespace Presence.NetworkTests.Host;

/// <summary>A server of the least kind: logins on TCP, heartbeats on UDP or TCP, and a tally of all that a test wants to know.</summary>
/// <remarks>
/// Lines on TCP: <c>login NAME</c> is answered by <c>welcome SESSION KEY</c> and replaces an older session; <c>beat</c> is a heartbeat; <c>ping</c> is
/// answered by <c>pong</c> as long as the name is the connection's own, and else by <c>gone</c>; <c>watch</c> is answered by <c>watching</c>, and from then on by
/// <c>NAME expired</c> for each that is.
/// </remarks>
internal sealed class PresenceServer : IHeartbeatSink
{
    private readonly CountingTicks _ticks;
    private readonly PresenceTracker _tracker;
    private readonly HeartbeatKeys _keys;
    private readonly UdpHeartbeatListener _listener;
    private readonly ConcurrentDictionary<string, Connection> _names = new();
    private readonly ConcurrentDictionary<SessionId, Connection> _sessions = new();
    private readonly ConcurrentDictionary<Connection, bool> _watchers = new();
    private readonly ConcurrentDictionary<string, long> _expiredAt = new();
    private readonly MeterListener _metrics = new();
    private readonly int _port;
    private readonly Lock _tallying = new(); // guards what ends write to the tally
    private readonly Dictionary<PresenceChanges, int> _ends = [];
    private int _connections;
    private int _joined;
    private int _endedTwice;
    private long? _leastSilence;
    private long _mostSilence;
    private long _ticksLived;
    private long _sameTick;
    private long _withheld;

    public PresenceServer(Arguments arguments)
    {
        var interval = TimeSpan.FromMilliseconds(arguments.Number("tick", 100));
        int limit = arguments.Number("limit", 10);
        _port = arguments.Number("port", 7000);
        _metrics.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "presence.ticks.withheld")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<long>((_, ticks, _, _) => Interlocked.Add(ref _withheld, ticks));
        _metrics.Start();
        _ticks = new CountingTicks(interval);
        _tracker = new PresenceTracker(
            new PresenceOptions
            {
                TickInterval = interval,
                ExpireAfter = limit,
                Rule = Enum.Parse<HeartbeatRule>(arguments.Text("rule", "Reset")),
                MassExpiryShare = arguments.Share("mass-share", 0.5),
                MaxExpirationsPerTick = arguments.Number("most-per-tick", 0) is > 0 and int most ? most : null,
            },
            _ticks);
        _ticks.Online = () => _tracker.OnlineCount;
        _keys = new HeartbeatKeys(_tracker);
        _listener = new UdpHeartbeatListener(this, _keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Any, _port) });
        _tracker.OnChange(PresenceChanges.Joined, OnJoinedAsync);
        _tracker.OnChange(PresenceChanges.Ended, OnEndedAsync);
    }

    public async Task RunAsync()
    {
        _listener.Start();
        using var listener = new TcpListener(IPAddress.Any, _port);
        listener.Start(backlog: 4096);
        _ = AcceptAsync(listener);
        Console.WriteLine("listening");
        var commands = new TaskCompletionSource();
        new Thread(() => ReadCommands(commands)).Start(); // a thread of its own: it answers also while the pool is starved
        await commands.Task;
    }

    public bool Heartbeat(string clientId) => _tracker.Heartbeat(clientId);

    public bool Heartbeat(SessionId session)
    {
        bool isOnline = _tracker.Heartbeat(session);
        if (isOnline && _sessions.TryGetValue(session, out Connection? connection))
        {
            connection.LastBeat = _ticks.Number;
        }

        return isOnline;
    }

    private void ReadCommands(TaskCompletionSource ended)
    {
        while (Console.ReadLine()?.Split(' ') is { } command)
        {
            switch (command)
            {
                case ["status"]:
                    Console.WriteLine(Status());
                    break;
                case ["memory"]:
                    Console.WriteLine(FormattableString.Invariant($"memory: mib={GC.GetTotalMemory(forceFullCollection: true) / 1024.0 / 1024.0:0.0}"));
                    break;
                case ["starve", string seconds]:
                    Starve(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
                    Console.WriteLine("starved");
                    break;
            }
        }

        ended.SetResult();
    }

    private string Status()
    {
        lock (_tallying)
        {
            IReadOnlyList<ClientStatus> clients = _tracker.Snapshot();
            return "status: " + string.Join(' ',
                $"online={clients.Count}",
                $"connections={Volatile.Read(ref _connections)}",
                $"names={_names.Count}",
                $"sessions={_sessions.Count}",
                $"keys={_keys.Count}",
                $"expired={_ends.GetValueOrDefault(PresenceChanges.Expired)}",
                $"joined={_joined}",
                $"ended={_ends.Values.Sum()}",
                $"endedTwice={_endedTwice}",
                $"sameTick={_sameTick}",
                $"leastSilence={_leastSilence ?? -1}",
                $"mostSilence={_mostSilence}",
                $"ticksLived={_ticksLived}",
                $"highestCount={clients.Select(client => client.Count).DefaultIfEmpty().Max()}",
                $"ticks={_ticks.Number}",
                $"late={_ticks.Late}",
                $"withheld={Volatile.Read(ref _withheld)}",
                $"clientTicks={_ticks.ClientTicks}",
                $"mostExpired={_ticks.MostExpired}");
        }
    }

    /// <summary>Has every thread of the pool block, and every one that it adds, until the time is over.</summary>
    private static void Starve(TimeSpan time)
    {
        using var over = new ManualResetEvent(initialState: false);
        using var released = new CountdownEvent(1);
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < time)
        {
            released.AddCount();
            ThreadPool.UnsafeQueueUserWorkItem(
                both =>
                {
                    both.over.WaitOne();
                    both.released.Signal();
                },
                (over, released),
                preferLocal: false);
            over.WaitOne(TimeSpan.FromMilliseconds(5));
        }

        over.Set();
        released.Signal();
        released.Wait();
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
        Interlocked.Increment(ref _connections);
        while (await connection.ReadAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["login", string name]:
                    connection.Joined = connection.LastBeat = _ticks.Number;
                    if (_expiredAt.GetValueOrDefault(name, -1) == _ticks.Number)
                    {
                        Interlocked.Increment(ref _sameTick);
                    }

                    _tracker.Join(name, connection);
                    break;
                case ["beat"]:
                    Heartbeat(connection.Session);
                    break;
                case ["watch"]:
                    _watchers[connection] = true;
                    Interlocked.Decrement(ref _connections); // it is none of those that a test asks for
                    await connection.WriteAsync("watching");
                    break;
                case ["ping", string name]:
                    await connection.WriteAsync(_names.GetValueOrDefault(name) == connection ? "pong" : "gone");
                    break;
            }
        }

        _tracker.Leave(connection.Session);
        connection.Dispose();
        if (!_watchers.TryRemove(connection, out _))
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async ValueTask OnJoinedAsync(PresenceChange change)
    {
        var connection = (Connection)change.State!;
        Interlocked.Increment(ref _joined);
        connection.Session = change.Session;
        _names[change.ClientId] = connection;
        _sessions[change.Session] = connection;
        byte[]? key = _keys.Issue(change.ClientId, change.Session);
        await connection.WriteAsync($"welcome {change.Session} {Convert.ToHexString(key ?? new byte[32])}");
    }

    private async ValueTask OnEndedAsync(PresenceChange change)
    {
        var connection = (Connection)change.State!;
        long now = _ticks.Number;
        if (change.Kind == PresenceChanges.Expired)
        {
            _expiredAt[change.ClientId] = now;
        }

        connection.Reset(); // first, so that its client knows, and may be back while the rest is torn down; and the kernel keeps nothing of it
        _sessions.TryRemove(change.Session, out _);
        _names.TryRemove(KeyValuePair.Create(change.ClientId, connection));
        lock (_tallying)
        {
            _ends[change.Kind] = _ends.GetValueOrDefault(change.Kind) + 1;
            _endedTwice += connection.End() ? 0 : 1;
            if (change.Kind == PresenceChanges.Expired)
            {
                _leastSilence = Math.Min(_leastSilence ?? long.MaxValue, now - connection.LastBeat);
                _mostSilence = Math.Max(_mostSilence, now - connection.LastBeat);
                _ticksLived += now - connection.Joined;
            }
        }

        foreach (Connection watcher in change.Kind == PresenceChanges.Expired ? _watchers.Keys : [])
        {
            await watcher.WriteAsync($"{change.ClientId} expired");
        }
    }
}
