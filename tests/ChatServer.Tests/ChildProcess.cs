using System.Diagnostics;
using System.Threading.Channels;

namespace ChatServer.Tests;

/// <summary>A program of the sample in a process of its own, driven by its standard input and output.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];

    private ChildProcess(ProcessStartInfo start, bool isRead = true)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _output.Writer.TryWrite(line.Data ?? "(end of output)");
        _process.ErrorDataReceived += (_, line) => _output.Writer.TryWrite(line.Data ?? "(end of errors)");
        _process.Start();
        if (isRead)
        {
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
    }

    /// <summary>What runs assemblies.</summary>
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>What was read so far.</summary>
    public string Seen => string.Join("\n", _seen);

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program that was built along with the tests, from where it was built: beside the tests are not all of its libraries.</summary>
    public static ChildProcess Start(string program, params string[] arguments) => StartAssembly(AssemblyOf(program), arguments);

    /// <summary>Does the same, and never reads what it writes.</summary>
    public static ChildProcess StartUnread(string program, params string[] arguments) =>
        new(new ProcessStartInfo(Host, [AssemblyOf(program), .. arguments]), isRead: false);

    /// <summary>Does the same from a shell that runs something else before.</summary>
    public static ChildProcess StartAfter(string command, string program, params string[] arguments) =>
        new(new ProcessStartInfo("sh", ["-c", $"{command} && exec \"$@\"", "sh", Host, AssemblyOf(program), .. arguments]));

    public static ChildProcess StartAssembly(string assembly, params string[] arguments) => new(new ProcessStartInfo(Host, [assembly, .. arguments]));

    public static string AssemblyOf(string program) => Path.Combine(FolderOf(program), $"{program}.dll");

    /// <summary>Where a program of the sample was built.</summary>
    public static string FolderOf(string program)
    {
        string tests = TestContext.CurrentContext.TestDirectory; // …/tests/ChatServer.Tests/bin/<configuration>/<framework>
        return Path.GetFullPath(Path.Combine(tests, "../../../../../samples", program, "bin", Path.GetRelativePath(Path.Combine(tests, "../.."), tests)));
    }

    public void Type(string line) => _process.StandardInput.WriteLine(line);

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for a line with a text in it, and passes over those before it.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        try
        {
            string line;
            do
            {
                line = await _output.Reader.ReadAsync(limit.Token);
                _seen.Add(line);
            }
            while (!line.Contains(text, StringComparison.Ordinal));
            return line;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No '{text}' came. What came: {Seen}");
        }
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero);
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
