using SignalRTabs;

// Users with several tabs. Without arguments, a server; with "client zhangsan", a tab of that user, in as many terminals as you like.
return args switch
{
    [] or ["server", ..] => await TabServer.RunAsync(args),
    ["client", string user] => await Tab.RunAsync(user, "http://localhost:8082"),
    ["client", string user, string server] => await Tab.RunAsync(user, server),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: SignalRTabs [server [--urls http://localhost:8082]] | client USER [http://localhost:8082]");
    return 2;
}
