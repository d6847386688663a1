namespace Presence.Changes;

/// <summary>One change on its way to all callbacks that want it, and the next change of the same client, which waits for it.</summary>
/// <remarks>
/// The callbacks run side by side, so that one which blocks or never returns holds up no other. The delivery is over when each has returned or was given up.
/// Thread safety: full.
/// </remarks>
internal sealed class ChangeDelivery(ChangeCallbacks owner, PresenceChange change, CallbackRegistration[] callbacks, TaskCompletionSource? done) : IThreadPoolWorkItem
{
    /// <summary>Null; or the delivery to begin after this one; or this one itself, once it is over and takes no next.</summary>
    private ChangeDelivery? _next;

    private int _outstanding = callbacks.Length;

    public PresenceChange Change => change;

    /// <summary>Completed when it is over; null if nobody waits.</summary>
    public TaskCompletionSource? Done => done;

    /// <summary>Has the next delivery begin after this one, unless this one is over.</summary>
    public bool TryChain(ChangeDelivery next) => Interlocked.CompareExchange(ref _next, next, null) is null;

    /// <summary>Takes no next any more.</summary>
    /// <returns>The one that came before that.</returns>
    public ChangeDelivery? Finish() => Interlocked.CompareExchange(ref _next, this, null);

    /// <summary>Runs the callbacks: the last one here, the others wherever there is a thread.</summary>
    public void Execute()
    {
        foreach (CallbackRegistration callback in callbacks.AsSpan(1))
        {
            owner.Runner.Queue.Enqueue(new CallbackRun(this, callback, owner.Runner));
        }

        new CallbackRun(this, callbacks[0], owner.Runner).Execute();
    }

    /// <summary>One of the callbacks has returned, or is waited for no longer.</summary>
    public void OnReturned()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0)
        {
            owner.OnOver(this);
        }
    }
}
