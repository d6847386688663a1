namespace Presence.Redis.Publishing;

/// <summary>Counts the changes that are not in the store yet, and tells when there are none.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class Outstanding
{
    private long _count;
    private TaskCompletionSource? _none;

    public long Count => Interlocked.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);

    public void Remove()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            Volatile.Read(ref _none)?.TrySetResult();
        }
    }

    /// <summary>Waits until there are none, while none is added.</summary>
    public Task WhenNoneAsync(CancellationToken cancellationToken)
    {
        var none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _none, none);
        return Count == 0 ? Task.CompletedTask : none.Task.WaitAsync(cancellationToken);
    }
}
