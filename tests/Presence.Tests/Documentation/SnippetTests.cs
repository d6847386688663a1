using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Presence.Tests.Documentation;

/// <summary>The snippets of the documents, run.</summary>
[TestFixture]
public sealed class SnippetTests
{
    [Test]
    public async Task Readme()
    {
        var ticks = new ManualTickSource();
        IServiceCollection services = new ServiceCollection().AddSingleton<ITickSource>(ticks);
        services.AddPresence();
        await using ServiceProvider provider = services.BuildServiceProvider();
        var tracker = provider.GetRequiredService<PresenceTracker>();
        var connection = new Connection();

        // At login. The last argument is yours: whatever you must take down when the client is gone.
        SessionId session = tracker.Join("zhangsan", connection).Session;

        // For each heartbeat, from whatever transport. False: not online, have the client log in again.
        bool isOnline = tracker.Heartbeat(session);

        // Once, off the tick, when the heartbeats stop. It carries the session, so it can't hit a newer one.
        using IDisposable registration = tracker.OnClientExpired(expired => ((Connection)expired.State!).CloseAsync());

        // At logout. The callback won't run.
        tracker.Leave(session);

        Assert.That(isOnline, Is.True);
        tracker.Join("zhangsan", connection);
        Assert.That(connection.IsClosed, Is.False);
        ticks.Advance(6);
        await tracker.WhenCallbacksDoneAsync();
        Assert.That(connection.IsClosed, Is.True);
    }

    [Test]
    public async Task GettingStarted()
    {
        string[] args = [];
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddPresence(options => options.ExpireAfter = 5);
        builder.Services.AddSingleton<Room>();
        using IHost host = builder.Build();
        var room = host.Services.GetRequiredService<Room>();

        Assert.That(room.LogIn("zhangsan", new Connection()), Is.Not.Null);
        Assert.That(room.LogIn("zhangsan", new Connection()), Is.Null);
        await Task.CompletedTask;
    }

    /// <summary>The container disposes of the room first. What had expired by then is still told.</summary>
    [Test]
    public async Task GettingStarted_ContainerDisposedRightAfterATick_TearsDownAllWhoExpired()
    {
        const int Users = 5_000;
        var ticks = new ManualTickSource();
        IServiceCollection services = new ServiceCollection().AddSingleton<ITickSource>(ticks).AddSingleton<Room>();
        services.AddPresence(options => options.MassExpiryShare = 1);
        Connection[] connections = [.. Enumerable.Range(0, Users).Select(_ => new Connection())];
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            var room = provider.GetRequiredService<Room>();
            for (int i = 0; i < Users; i++)
            {
                room.LogIn($"user {i}", connections[i]);
            }

            ticks.Advance(6);
        }

        Assert.That(connections.Count(connection => connection.IsClosed), Is.EqualTo(Users));
    }

    [Test]
    public async Task GettingStarted_WithoutAHost()
    {
        await using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 5 });
        Assert.That(tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public async Task GettingStarted_Joins()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        var connection = new Connection();
        SessionId old = tracker.Join("zhangsan", new Connection()).Session;

        bool isBack = tracker.TryJoin("zhangsan", new JoinOptions { State = connection, Replaces = old }, out JoinResult resumed);
        tracker.Join("sensor 7", new JoinOptions { ExpireAfter = TimeSpan.FromMinutes(2) });

        Assert.That((isBack, resumed.Replaced?.Session), Is.EqualTo((true, old)));
        SessionId session = resumed.Session;
        var sensorOptions = new JoinOptions { ExpireAfter = TimeSpan.FromMinutes(2) };

        tracker.SetState(session, new UserStatus("on the phone"));
        bool isNew = tracker.HeartbeatOrJoin("sensor 7", out SessionId joined, sensorOptions);

        Assert.That((isNew, joined), Is.EqualTo((false, SessionId.None)));
        Assert.That(tracker.TryGetClient("zhangsan", out ClientStatus zhangsan) ? zhangsan.State : null, Is.EqualTo(new UserStatus("on the phone")));
        Assert.That(tracker.TryGetClient("sensor 7", out ClientStatus status) ? status.ExpireAfter : 0, Is.EqualTo(120));
    }

    [Test]
    public async Task GettingStarted_Changes()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        var receiver = new Receiver();
        using IDisposable registration = tracker.OnChange(PresenceChanges.Joined | PresenceChanges.Ended, change =>
        {
            Console.WriteLine($"{change.ClientId} {change.Kind}");
            return ValueTask.CompletedTask;
        });
        using IDisposable guard = tracker.AddTickGuard(() => receiver.DroppedSinceLastAsked() > 0);
        var told = new ConcurrentQueue<PresenceChanges>();
        using IDisposable other = tracker.OnChange(PresenceChanges.All, change =>
        {
            told.Enqueue(change.Kind);
            return ValueTask.CompletedTask;
        });

        tracker.Join("zhangsan");
        tracker.Leave("zhangsan");
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(told, Is.EqualTo(new[] { PresenceChanges.Joined, PresenceChanges.Left }));
    }

    [Test]
    public async Task GettingStarted_Stream()
    {
        var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        Task reading = ReadAsync();
        tracker.Join("zhangsan");
        await tracker.DisposeAsync();
        await reading;

        async Task ReadAsync()
        {
            await foreach (PresenceChange change in tracker.ReadChanges(PresenceChanges.All))
            {
                Console.WriteLine($"{change.ClientId} {change.Kind}");
            }
        }
    }

    [Test]
    public async Task Concepts_Limits()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        var connection = new Connection();

        SessionId session = tracker.Join("zhangsan", new JoinOptions { State = connection, FirstExpireAfter = TimeSpan.FromSeconds(30) }).Session;

        tracker.SetExpireAfter(session, TimeSpan.FromMinutes(10)); // it goes to the background
        tracker.SetExpireAfter(session, 5);                        // and is back

        tracker.ExpireWithin(session, 3);

        ticks.Advance(2);
        Assert.That(tracker.OnlineCount, Is.EqualTo(1));
        ticks.Advance();
        Assert.That(tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public async Task Concepts_Pause()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        tracker.Join("zhangsan");
        using (tracker.PauseExpiry())
        {
            await DrainAsync();
        }

        Assert.That(tracker.OnlineCount, Is.EqualTo(1));

        Task DrainAsync()
        {
            ticks.Advance(100);
            return Task.CompletedTask;
        }
    }

    [Test]
    public void Options()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Presence:TickInterval"] = "00:00:02",
            ["Presence:ExpireAfter"] = "3",
            ["Presence:Rule"] = "Decrement",
        });
        builder.Services.AddPresence(builder.Configuration.GetSection("Presence").Bind);
        builder.Services.AddSingleton<ITickSource>(new ManualTickSource());
        using IHost host = builder.Build();
        var tracker = host.Services.GetRequiredService<IPresenceTracker>();
        tracker.Join("zhangsan");
        tracker.Heartbeat("zhangsan");

        Assert.That(tracker.TryGetClient("zhangsan", out ClientStatus status) ? (status.Count, status.ExpireAfter) : default, Is.EqualTo((-1, 3)));
    }

    [Test]
    public async Task Options_ManyTrackers()
    {
        var ticks = new TimeProviderTickSource(TimeSpan.FromSeconds(1));
        await using var lobby = new PresenceTracker(tickSource: ticks);
        await using var match = new PresenceTracker(tickSource: ticks);

        lobby.Join("zhangsan");
        Assert.That((lobby.OnlineCount, match.OnlineCount), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Options_SeveralTrackers()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<ITickSource>(new TimeProviderTickSource(TimeSpan.FromSeconds(1)));
        builder.Services.AddPresence();
        builder.Services.AddKeyedPresence("input", options => options.ExpireAfter = 60);
        builder.Services.AddSingleton<Lobby>();
        using IHost host = builder.Build();
        var lobby = host.Services.GetRequiredService<Lobby>();

        lobby.Input.Join("zhangsan");

        Assert.That(lobby.Input.TryGetClient("zhangsan", out ClientStatus status) ? status.ExpireAfter : 0, Is.EqualTo(60));
        Assert.That(lobby.Connections.OnlineCount, Is.Zero);
    }

    [Test]
    public async Task Options_Loop()
    {
        var game = new Game();
        var ticks = new LoopTickSource(TimeSpan.FromSeconds(1));
        await using var tracker = new PresenceTracker(tickSource: ticks);
        using IChangeReader changes = tracker.ReadChanges(PresenceChanges.Ended);
        while (game.IsRunning)
        {
            game.ReceiveHeartbeats(tracker);
            ticks.Update(game.TimeSinceLastFrame);
            while (changes.TryRead(out PresenceChange change))
            {
                game.Remove((Player)change.State!);
            }

            game.Step();
        }

        Assert.That(tracker.OnlineCount, Is.EqualTo(3));
    }

    [Test]
    public async Task Testing()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(new PresenceOptions { ExpireAfter = 5 }, ticks);
        var room = new Room(tracker);
        var connection = new Connection();
        room.LogIn("zhangsan", connection);

        ticks.Advance(5);                             // at the limit: still online
        Assert.That(connection.IsClosed, Is.False);

        ticks.Advance();                              // over it
        await tracker.WhenCallbacksDoneAsync();       // callbacks run off the tick: wait for them
        Assert.That(connection.IsClosed, Is.True);
    }

    private sealed class Lobby(IPresenceTracker connections, [FromKeyedServices("input")] IPresenceTracker input)
    {
        public IPresenceTracker Connections => connections;

        public IPresenceTracker Input => input;
    }

    private sealed record UserStatus(string Text);

    private sealed class Receiver
    {
        private int _dropped;

        public int DroppedSinceLastAsked() => Interlocked.Exchange(ref _dropped, 0);
    }
}
