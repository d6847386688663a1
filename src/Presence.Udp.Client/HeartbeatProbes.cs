namespace Presence.Udp;

/// <summary>Probes for where applications commonly run. For a loop of your own, write one that posts to its queue.</summary>
/// <remarks>Thread safety: every member may be called from any thread.</remarks>
public static class HeartbeatProbes
{
    /// <summary>
    /// Asks the thread pool, for an application that runs on nothing else. It falls silent when the pool is starved, for then that
    /// application serves nobody.
    /// </summary>
    public static HeartbeatProbe ThreadPool { get; } =
        static answer => System.Threading.ThreadPool.UnsafeQueueUserWorkItem(static served => ((Action)served!)(), answer);

    /// <summary>Asks a synchronization context, such as that of a user interface's thread.</summary>
    /// <param name="context">The context, as <see cref="SynchronizationContext.Current"/> is on the thread to be asked.</param>
    /// <returns>The probe.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    public static HeartbeatProbe Of(SynchronizationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return answer => context.Post(static served => ((Action)served!)(), answer);
    }
}
