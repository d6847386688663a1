using System.Collections.Concurrent;
using System.Diagnostics;

namespace Presence.Redis.Tests.Faults;

/// <summary>A server of the cluster in a process of its own: <c>Presence.Redis.Tests.Server</c>.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _log;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly SemaphoreSlim _asking = new(1, 1);

    private ServerProcess(string name, Process process, string log)
    {
        (Name, _process, _log) = (name, process, log);
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? string.Empty);
        process.Start();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>What it logged and complained of.</summary>
    public string Errors => string.Join('\n', _errors);

    public static async Task<ServerProcess> StartAsync(string name, string store, string prefix, TimeSpan lease, TimeSpan grace, int users)
    {
        const string Program = "Presence.Redis.Tests.Server";
        string tests = TestContext.CurrentContext.TestDirectory; // …/tests/Presence.Redis.Tests/bin/<configuration>/<framework>
        string build = Path.GetRelativePath(Path.Combine(tests, "../../.."), tests);
        string assembly = Path.GetFullPath(Path.Combine(tests, "../../../..", Program, build, $"{Program}.dll"));
        string log = Path.Combine(Path.GetTempPath(), $"{prefix}-{name}.log");
        var server = new ServerProcess(name, new Process
        {
            StartInfo = new ProcessStartInfo(
                Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
                [assembly, "--store", store, "--prefix", prefix, "--name", name, "--lease", $"{lease:c}", "--grace", $"{grace:c}", "--log", log, "--users", $"{users}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        }, log);
        string? line = await server._process.StandardOutput.ReadLineAsync().WaitAsync(TestServer.Patience);
        return line == "ready" ? server : throw new InvalidOperationException($"Server {name} said '{line}'. Its errors: {server.Errors}");
    }

    /// <summary>Has it do something.</summary>
    /// <returns>Its answer.</returns>
    public async Task<List<string>> AskAsync(string command)
    {
        await _asking.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(command);
            var answer = new List<string>();
            while (await _process.StandardOutput.ReadLineAsync().WaitAsync(TestServer.Patience) is { } line)
            {
                if (line == ".")
                {
                    return answer;
                }

                answer.Add(line);
            }

            throw new InvalidOperationException($"Server {Name} ended. Its errors: {Errors}");
        }
        finally
        {
            _asking.Release();
        }
    }

    public Task AskAsync(string command, Range clients) => AskAsync($"{command} {clients.Start} {clients.End}");

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it stands still until <see cref="Continue"/>.</summary>
    public void Stop() => Signals.Send("STOP", _process.Id);

    public void Continue() => Signals.Send("CONT", _process.Id);

    public IReadOnlyList<LoggedEvent> ReadLog()
    {
        // It may be writing.
        using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => LoggedEvent.Parse(Name, line))];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _asking.Dispose();
        File.Delete(_log);
    }
}
