namespace Presence.Udp.Sending;

/// <summary>Threads that don't keep the execution context of whoever happened to start them, which may be that of a request.</summary>
internal static class ContextFreeThread
{
    /// <summary>Starts a thread in the background.</summary>
    public static void Start(string name, Action run)
    {
        var thread = new Thread(() => run()) { IsBackground = true, Name = name };
        using AsyncFlowControl? suppressed = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        thread.Start();
    }
}
