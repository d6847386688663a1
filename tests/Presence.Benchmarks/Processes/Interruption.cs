using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Benchmarks.Processes;

/// <summary>Turns a signal to end into a cancellation, so that the children are killed on the way out, those that are stopped among them.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _interrupted = new();
    private readonly PosixSignalRegistration[] _signals;

    private Interruption() => _signals =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
            .Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _interrupted.Cancel();
            })),
    ];

    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code, or that of a program that was interrupted, or failure if its processes did not do their part.</returns>
    public static async Task<int> GuardAsync(Func<CancellationToken, Task<int>> command)
    {
        using var interruption = new Interruption();
        try
        {
            return await command(interruption._interrupted.Token);
        }
        catch (OperationCanceledException) when (interruption._interrupted.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted; all child processes are killed.");
            return 130;
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or IOException or SocketException)
        {
            await Console.Error.WriteLineAsync($"Not measured: {exception.Message}");
            return 1;
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        _interrupted.Dispose();
    }
}
