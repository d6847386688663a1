using System.Collections.Concurrent;
using System.Diagnostics;

namespace Presence.AspNetCore.Tests.Processes;

/// <summary>A program that was built along with the tests, in a process of its own, driven by its standard input and output.</summary>
internal class Child : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    /// <param name="project">Its folder, from the root of the repository.</param>
    /// <param name="arguments">Its arguments.</param>
    public Child(string project, params string[] arguments)
    {
        string here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory); // …/tests/Presence.AspNetCore.Tests/bin/<configuration>/<framework>
        string build = Path.GetRelativePath(Path.Combine(here, "../../.."), here);
        string folder = Path.GetFullPath(Path.Combine(here, "../../../../..", project));
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(host, [Path.Combine(folder, build, $"{Path.GetFileName(project)}.dll"), .. arguments])
            {
                WorkingDirectory = folder, // a server's pages are there
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

    /// <summary>What it wrote.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public async Task WriteAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the first line that begins so, and returns the rest of it.</summary>
    public async Task<string> ReadAsync(string prefix)
    {
        await Wait.UntilAsync(() => _lines.Any(Matches), () => $"'{prefix}'; it wrote {string.Join("\n", _lines)}", Wait.Limit);
        return _lines.First(Matches)[prefix.Length..];

        bool Matches(string line) => line.StartsWith(prefix, StringComparison.Ordinal);
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

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Wait.Limit);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
