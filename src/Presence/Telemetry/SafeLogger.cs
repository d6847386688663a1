using Microsoft.Extensions.Logging;

namespace Presence.Telemetry;

/// <summary>The host's logger, which costs no tick and no callback if it throws. That is counted, for there is nowhere to log it.</summary>
/// <remarks>Thread safety: that of the logger.</remarks>
internal sealed class SafeLogger(ILogger logger, PresenceMetrics metrics) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => Try(() => logger.BeginScope(state));

    public bool IsEnabled(LogLevel logLevel) => Try(() => logger.IsEnabled(logLevel));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Try(() =>
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
            return true;
        });

    private T? Try<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception)
        {
            metrics.LoggerFailed();
            return default;
        }
    }
}
