namespace Presence.Ticks;

/// <summary>Timers that don't keep the execution context of whoever happened to make them, which may be that of a request.</summary>
internal static class ContextFreeTimer
{
    /// <summary>Makes a timer that is not armed.</summary>
    public static ITimer CreateContextFreeTimer(this TimeProvider timeProvider, TimerCallback callback, object? state)
    {
        using AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        return timeProvider.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
