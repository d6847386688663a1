using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Presence.Benchmarks.Processes;

/// <summary>A server, or the clients of one, in a process of its own, driven by its standard input and output. It is killed when disposed, stopped or not.</summary>
internal sealed partial class Child : IDisposable
{
    private const string PortText = "TCP port ";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly Queue<string> _seen = new();

    private Child(Process process, Action<string>? onLine)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data, onLine);
        process.ErrorDataReceived += (_, line) => _output.Writer.TryWrite(line.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts this program in another of its roles.</summary>
    public static Child OfThisProgram(string[] arguments, Action<string>? onLine = null, bool hasServerCollector = false) =>
        Start(typeof(Child).Assembly.Location, arguments, onLine, hasServerCollector);

    /// <summary>Starts a sample that was built along with this program, from where it was built.</summary>
    public static Child OfSample(string name, string[] arguments, Action<string>? onLine = null)
    {
        string here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory); // …/tests/Presence.Benchmarks/bin/<configuration>/<framework>
        string build = Path.GetRelativePath(Path.Combine(here, "../../.."), here);
        return Start(Path.GetFullPath(Path.Combine(here, "../../../../../samples", name, build, $"{name}.dll")), arguments, onLine);
    }

    /// <summary>Waits until a server says on which TCP port it listens.</summary>
    public async Task<int> ReadPortAsync(CancellationToken cancellationToken) =>
        int.Parse(PortPattern().Match(await ReadUntilAsync(PortText, cancellationToken)).Value, CultureInfo.InvariantCulture);

    /// <summary>Waits for a line with a text in it, and passes over those before it.</summary>
    /// <exception cref="TimeoutException">None came within two minutes, or the output ended; the message has what came last.</exception>
    public async Task<string> ReadUntilAsync(string text, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
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
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No '{text}' came. What came last:\n{string.Join("\n", _seen)}", exception);
        }
    }

    public async Task<string> AskAsync(string question, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(question.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return (await ReadUntilAsync($"{question} ", cancellationToken))[(question.Length + 1)..];
    }

    /// <summary>Sends a signal, by its name without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"The process {_process.Id} cannot be sent SIG{name}.");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static Child Start(string assembly, string[] arguments, Action<string>? onLine, bool hasServerCollector = false)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host, [assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // This program's own collector is set up for measuring; its children have the collector that they would have as programs of their own.
        start.Environment["DOTNET_gcConcurrent"] = "1";
        if (hasServerCollector)
        {
            start.Environment["DOTNET_gcServer"] = "1";
        }

        return new Child(new Process { StartInfo = start }, onLine);
    }

    private void Take(string? line, Action<string>? onLine)
    {
        if (line is null)
        {
            _output.Writer.TryComplete();
            return;
        }

        onLine?.Invoke(line);
        _output.Writer.TryWrite(line);
    }

    private void Remember(string line)
    {
        _seen.Enqueue(line);
        if (_seen.Count > 20)
        {
            _seen.Dequeue();
        }
    }

    [GeneratedRegex($@"(?<={PortText})\d+")]
    private static partial Regex PortPattern();
}
