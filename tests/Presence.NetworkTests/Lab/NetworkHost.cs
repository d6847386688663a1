namespace Presence.NetworkTests.Lab;

/// <summary>A host of the test's network: a network namespace.</summary>
internal sealed class NetworkHost(string name, string address, string link)
{
    private readonly List<HostProcess> _processes = [];

    public string Name => name;

    public string Address => address;

    public string Link => link;

    public async Task CreateAsync()
    {
        await Shell.RunAsync("ip", "netns", "add", name);
        await RunAsync("ip", "link", "set", "lo", "up");
    }

    /// <summary>Runs a tool of the system on this host.</summary>
    public Task<string> RunAsync(params string[] command) => Shell.RunAsync("ip", ["netns", "exec", name, .. command]);

    /// <summary>Starts a program, that was built along with the tests, on this host.</summary>
    public HostProcess Start(string program, params string[] arguments) => Keep(HostProcess.Start(name, program, arguments));

    /// <summary>Does the same, and lets it have only the processor time that others leave: it stands for a machine of its own.</summary>
    public HostProcess StartAside(string program, params string[] arguments) => Keep(HostProcess.Start(name, program, arguments, niceness: 19));

    /// <summary>Does the same, and puts it before all others for processor time: it is measured, and must not wait for what else the machine does.</summary>
    public HostProcess StartAhead(string program, params string[] arguments) => Keep(HostProcess.Start(name, program, arguments, niceness: -15));

    /// <summary>Does the same, and puts it before those too: it measures one of them, as if from a machine of its own.</summary>
    public HostProcess StartFirst(string program, params string[] arguments) => Keep(HostProcess.Start(name, program, arguments, niceness: -20));

    public void EndProcesses() => _processes.ForEach(process => process.End());

    public Task SetLinkAsync(bool up) => RunAsync("ip", "link", "set", link, up ? "up" : "down");

    /// <summary>Drops what comes in from an address and has a TCP flag.</summary>
    public Task DropAsync(string from, string flag) =>
        RunAsync("iptables", "-A", "INPUT", "-s", from, "-p", "tcp", "--tcp-flags", flag, flag, "-j", "DROP");

    /// <summary>Drops a random share of what comes in by a protocol.</summary>
    public Task LoseAsync(string protocol, double share) => ChangeLossAsync("-A", protocol, share);

    public Task LoseNoMoreAsync(string protocol, double share) => ChangeLossAsync("-D", protocol, share);

    /// <summary>Lets out only so much.</summary>
    public Task CongestAsync(int bitsPerSecond) =>
        RunAsync("tc", "qdisc", "add", "dev", link, "root", "tbf", "rate", $"{bitsPerSecond}bit", "burst", "2kb", "latency", "50ms");

    public Task EndCongestionAsync() => RunAsync("tc", "qdisc", "delete", "dev", link, "root");

    /// <summary>The TCP sockets between a port of this host and an address, a line each as <c>ss</c> shows them: state, addresses, timer, process, counters.</summary>
    public async Task<string[]> SocketsAsync(int port, string peer) =>
        (await RunAsync("ss", "-HOtanpoi", "sport", "=", $":{port}", "and", "dst", peer)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private Task<string> ChangeLossAsync(string change, string protocol, double share) => RunAsync(
        "iptables", change, "INPUT", "-p", protocol, "-m", "statistic", "--mode", "random", "--probability", FormattableString.Invariant($"{share}"), "-j", "DROP");

    private HostProcess Keep(HostProcess process)
    {
        _processes.Add(process);
        return process;
    }
}
