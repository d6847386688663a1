namespace Presence.Tests.Documentation;

/// <summary>The snippets of docs/groups.md, run.</summary>
[TestFixture]
public sealed class GroupSnippetTests
{
    [Test]
    public async Task Groups()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        (string connectionId, string user, var connection, var store) = ("connection 1", "zhangsan", new Connection(), new Store());
        tracker.OnChange(PresenceChanges.Occupied | PresenceChanges.Vacated, change => change.Group!.StartsWith("user:", StringComparison.Ordinal)
            ? store.SetOnlineAsync(change.Group, change.Kind == PresenceChanges.Occupied)
            : ValueTask.CompletedTask);
        SessionId tab = tracker.Join(connectionId, new JoinOptions { State = connection, Groups = [$"user:{user}", "room:lobby"] }).Session;
        SessionId other = tracker.Join("connection 2", new JoinOptions { Groups = [$"user:{user}"] }).Session;
        tracker.Leave(other);
        await tracker.WhenCallbacksDoneAsync();
        Assert.That(store.Online, Is.EqualTo(new[] { "user:zhangsan" }));

        IReadOnlyList<GroupMember> members = tracker.Groups.Members("room:lobby");  // each with its ClientStatus; costs what the group is large
        int count = tracker.Groups.Count("room:lobby");
        IReadOnlyList<string> friends = tracker.Groups.Occupied(["user:lisi", "user:wangwu"]); // a friends' list in one call
        IReadOnlyList<string> groups = tracker.Groups.GroupsOf(tab);
        Assert.That((members.Count, count, friends.Count, groups.Count), Is.EqualTo((1, 1, 0, 2)));
        tracker.Groups.Update(tab, "room:lobby", "typing");  // told as Updated, without leave and enter

        tab = tracker.Join(connectionId, new JoinOptions { Groups = [$"user:{user}"], Linger = 5 }).Session;
        tracker.Groups.Leave(tab, $"user:{user}", linger: 0); // a logout: at once
        await tracker.WhenCallbacksDoneAsync();
        Assert.That(store.Online, Is.Empty);
    }

    [Test]
    public async Task Groups_Watch()
    {
        var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        tracker.Join("tab", new JoinOptions { Groups = ["room:lobby"] });
        var list = new Dictionary<SessionId, string>();
        Task watching = WatchAsync();
        Assert.That(list.Values, Is.EqualTo(new[] { "tab" }));
        await tracker.DisposeAsync();
        await watching;
        Assert.That(list, Is.Empty);

        async Task WatchAsync()
        {
            await foreach (WatchEvent step in tracker.Groups.Watch("room:lobby"))
            {
                switch (step.Kind)
                {
                    case WatchEventKind.Reset: // the reader fell behind: everybody follows anew
                        list.Clear();
                        break;
                    case WatchEventKind.Left:
                        list.Remove(step.Client.Session);
                        break;
                    default: // Present, Entered, Updated
                        list[step.Client.Session] = step.Client.ClientId;
                        break;
                }
            }
        }
    }

    [Test]
    public async Task Groups_Away()
    {
        var ticks = new ManualTickSource();
        await using var connections = new PresenceTracker(tickSource: ticks);
        await using var input = new PresenceTracker(new PresenceOptions { ExpireAfter = 2 }, ticks);
        (string user, var store) = ("zhangsan", new Store());
        input.OnChange(PresenceChanges.Joined, change => store.SetAwayAsync(change.ClientId, false));
        input.OnChange(PresenceChanges.Expired, change => store.SetAwayAsync(change.ClientId, true));
        connections.OnChange(PresenceChanges.Vacated, change =>
        {
            input.Leave(change.Group!); // the last tab is gone: told as Left, and not as away
            return default;
        });
        connections.Join("tab", new JoinOptions { Groups = [$"user:{user}"] });

        input.HeartbeatOrJoin($"user:{user}", out _); // somebody touched a key, in any tab
        ticks.Advance(3);
        await input.WhenCallbacksDoneAsync();
        Assert.That((connections.OnlineCount, store.Away), Is.EqualTo((1, new[] { "user:zhangsan" })));
        input.HeartbeatOrJoin($"user:{user}", out _); // somebody touched a key, in any tab
        await input.WhenCallbacksDoneAsync();
        Assert.That(store.Away, Is.Empty);
        connections.Leave("tab");
        await connections.WhenCallbacksDoneAsync();
        Assert.That((input.OnlineCount, store.Away), Is.EqualTo((0, Array.Empty<string>())));
    }

    private sealed class Store
    {
        public HashSet<string> Online { get; } = [];

        public HashSet<string> Away { get; } = [];

        public ValueTask SetAwayAsync(string user, bool isAway)
        {
            _ = isAway ? Away.Add(user) : Away.Remove(user);
            return ValueTask.CompletedTask;
        }

        public ValueTask SetOnlineAsync(string user, bool isOnline)
        {
            _ = isOnline ? Online.Add(user) : Online.Remove(user);
            return ValueTask.CompletedTask;
        }
    }
}
