using Presence.NetworkTests.Host;

var arguments = new Arguments(args[1..]);
await (args[0] switch
{
    "keepalive-server" => KeepAlive.ServeAsync(arguments),
    "keepalive-client" => KeepAlive.ConnectAsync(arguments),
    "server" => new PresenceServer(arguments).RunAsync(),
    "reconnecters" => new Reconnecters(arguments).RunAsync(),
    "chat-abuse" => new ChatAbuse(arguments).RunAsync(),
    "chat-probe" => ChatProbe.RunAsync(arguments),
    "soak-clients" => new SoakClients(arguments).RunAsync(),
    "watcher" => Watcher.RunAsync(arguments),
    "clients" => new LoadClients(arguments).RunAsync(),
    string other => throw new ArgumentException($"'{other}' is no role."),
});
