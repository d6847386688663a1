using System.Diagnostics;
using System.Globalization;
using Presence.Redis.Tests.Faults;

namespace Presence.Redis.Tests.Stores;

/// <summary>One <c>redis-server</c>, on a port and in a folder of its own.</summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("presence-redis-").FullName;
    private readonly string[] _options;
    private Process? _process;

    public RedisProcess(params string[] options) => _options = options;

    public int Port { get; } = FreePort.Next();

    /// <summary>Whether there is a redis-server to run.</summary>
    private static bool IsInstalled { get; } = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server")));

    /// <summary>Skips a test that cannot run without one.</summary>
    public static void RequireInstalled()
    {
        if (!IsInstalled)
        {
            Assert.Ignore("There is no redis-server on the PATH. Install it: apt-get install redis-server");
        }
    }

    /// <summary>Starts it and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true, WorkingDirectory = _folder };
        foreach (string argument in (string[])["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. _options])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                _ = _process.StandardOutput.ReadToEndAsync(); // so that it never waits for us to read
                return;
            }
        }

        throw new InvalidOperationException($"redis-server ended with {_process.ExitCode} before it was ready.");
    }

    /// <summary>Ends it at once, so that what it held is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Has it start empty the next time, also if it was told to save what it has.</summary>
    public Task DeleteSnapshotAsync()
    {
        File.Delete(Path.Combine(_folder, "dump.rdb"));
        return Task.CompletedTask;
    }

    /// <summary>Stops it where it stands, as a machine does that is out of memory, until <see cref="Resume"/>.</summary>
    public void Pause() => Signals.Send("STOP", _process!.Id);

    /// <summary>Has it go on.</summary>
    public void Resume() => Signals.Send("CONT", _process!.Id);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
