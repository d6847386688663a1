using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Presence.AspNetCore.Tests.Processes;

/// <summary>The server of these tests in a process of its own, to be stopped, continued and killed.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServerProcess(int port, string[] more)
    {
        string here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory); // …/tests/Presence.AspNetCore.Tests/bin/<configuration>/<framework>
        string build = Path.GetRelativePath(Path.Combine(here, "../../.."), here);
        string project = Path.GetFullPath(Path.Combine(here, "../../../../Presence.AspNetCore.Tests.Server"));
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(host, [Path.Combine(project, build, "Presence.AspNetCore.Tests.Server.dll"), port.ToString(CultureInfo.InvariantCulture), .. more])
            {
                WorkingDirectory = project, // its pages are there
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; private set; }

    /// <summary>What it wrote.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public static async Task<ServerProcess> StartAsync(int port = 0, params string[] more)
    {
        var server = new ServerProcess(port, more);
        try
        {
            server.Port = int.Parse(await server.ReadAsync("port "), CultureInfo.InvariantCulture);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public async Task<int> OnlineAsync()
    {
        int before = _lines.Count(IsCount);
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        await Wait.UntilAsync(() => _lines.Count(IsCount) > before, "how many are online");
        return int.Parse(_lines.Last(IsCount).Split(' ')[1], CultureInfo.InvariantCulture);

        static bool IsCount(string line) => line.StartsWith("online ", StringComparison.Ordinal);
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero);
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> ReadAsync(string prefix)
    {
        await Wait.UntilAsync(() => _lines.Any(Matches), () => $"'{prefix}'; it wrote {string.Join("\n", _lines)}", Wait.Limit);
        return _lines.First(Matches)[prefix.Length..];

        bool Matches(string line) => line.StartsWith(prefix, StringComparison.Ordinal);
    }
}
