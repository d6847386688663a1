using System.Diagnostics;
using System.Threading.Channels;

namespace Presence.NetworkTests.Lab;

/// <summary>A program on a host of the test's network, driven by its standard input and output.</summary>
/// <remarks>It ends with the network at the latest.</remarks>
internal sealed class HostProcess
{
    private readonly Process _process;
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly Queue<string> _seen = new();

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => _output.Writer.TryWrite(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program from where it was built, for not all of its libraries are beside the tests.</summary>
    /// <param name="networkNamespace">The host.</param>
    /// <param name="program">The folder of its project, from the root of the repository.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="niceness">Its share of the processors, from -20 to 19: who is nicest has what the others leave.</param>
    public static HostProcess Start(string networkNamespace, string program, string[] arguments, int niceness = 0)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string tests = TestContext.CurrentContext.TestDirectory; // …/tests/Presence.NetworkTests/bin/<configuration>/<framework>
        string build = Path.GetRelativePath(Path.Combine(tests, "../../.."), tests);
        string assembly = Path.GetFullPath(Path.Combine(tests, "../../../../..", program, build, $"{Path.GetFileName(program)}.dll"));
        return new HostProcess(new Process
        {
            // Both "ip netns exec" and "nice" become the program, so signals sent to them reach it.
            StartInfo = new ProcessStartInfo("ip", ["netns", "exec", networkNamespace, "nice", "-n", $"{niceness}", host, assembly, .. arguments])
            {
                Environment = { ["DOTNET_gcServer"] = "0" }, // or what is free is kept, and memory says nothing
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        });
    }

    public void Type(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Waits for a line with a text in it, and passes over those before it.</summary>
    public async Task<string> ReadUntilAsync(string text, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? Wait.Limit);
        try
        {
            string line;
            do
            {
                line = await _output.Reader.ReadAsync(limit.Token);
                Remember(line);
            }
            while (!line.Contains(text, StringComparison.Ordinal));
            return line;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"No '{text}' came, and {(exception is ChannelClosedException ? "the output ended" : "time is up")}. What came last: {string.Join("\n", _seen)}");
        }
    }

    /// <summary>Asks a program of <c>Presence.NetworkTests.Host</c> how things are.</summary>
    public async Task<Facts> AskAsync(string question = "status")
    {
        Type(question);
        return Facts.Parse(await ReadUntilAsync($"{question}: "));
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public Task SignalAsync(string signal) => Shell.RunAsync("kill", $"-{signal}", $"{_process.Id}");

    /// <summary>The memory it has, in MiB.</summary>
    public double ResidentMiB()
    {
        _process.Refresh();
        return _process.WorkingSet64 / 1024.0 / 1024.0;
    }

    public void End()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _output.Writer.Complete();
        }
        else
        {
            _output.Writer.TryWrite(line);
        }
    }

    private void Remember(string line)
    {
        _seen.Enqueue(line);
        if (_seen.Count > 30)
        {
            _seen.Dequeue();
        }
    }
}
