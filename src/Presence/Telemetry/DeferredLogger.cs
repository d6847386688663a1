using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Presence.Telemetry;

/// <summary>Keeps what is logged while a lock is held, until that is released: a logger is the host's code, and may wait for who waits for the lock.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class DeferredLogger(ILogger logger) : ILogger
{
    private readonly ConcurrentQueue<Action> _entries = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true; // asked of the logger, later

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue(() =>
        {
            if (logger.IsEnabled(logLevel))
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
        });

    /// <summary>Logs what was kept. The caller holds no lock.</summary>
    public void Flush()
    {
        while (_entries.TryDequeue(out Action? log))
        {
            log();
        }
    }
}
