namespace Presence.Changes;

/// <summary>Counts what is under way, and tells when nothing is.</summary>
internal sealed class PendingWork
{
    private int _count;
    private TaskCompletionSource? _idle;

    public int Count => Volatile.Read(ref _count);

    public void Begin() => Interlocked.Increment(ref _count);

    public void End()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            Interlocked.Exchange(ref _idle, null)?.TrySetResult();
        }
    }

    /// <summary>Completes at the first moment at which nothing is under way.</summary>
    public Task WhenIdle()
    {
        var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource idle = Interlocked.CompareExchange(ref _idle, created, null) ?? created;
        if (Count == 0)
        {
            Interlocked.CompareExchange(ref _idle, null, idle); // the last End may have come before anyone waited
            idle.TrySetResult();
        }

        return idle.Task;
    }
}
