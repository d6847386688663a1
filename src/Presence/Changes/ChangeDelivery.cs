namespace Presence.Changes;

/// <summary>One change on its way to all callbacks that want it, and the next change of the same client, which waits for it.</summary>
/// <remarks>
/// The callbacks run side by side, so that one which blocks or never returns holds up no other; it is itself the run of the first, mostly the only one. The delivery is over when each has
/// returned or was given up. Thread safety: full.
/// </remarks>
internal sealed class ChangeDelivery : CallbackRun
{
    private readonly ChangeCallbacks _owner;
    private readonly CallbackRegistration[] _callbacks;
    private readonly PresenceChange _change;

    /// <summary>Null; or the delivery to begin after this one; or this one itself, once it is over and takes no next.</summary>
    private ChangeDelivery? _following;

    private int _outstanding;

    public ChangeDelivery(ChangeCallbacks owner, in PresenceChange change, CallbackRegistration[] callbacks, TaskCompletionSource? done)
        : base(callbacks[0], owner.Runner)
    {
        (_owner, _callbacks, _change, Done) = (owner, callbacks, change, done);
        _outstanding = callbacks.Length;
    }

    public override ChangeDelivery Delivery => this;

    public ref readonly PresenceChange Change => ref _change;

    /// <summary>Completed when it is over; null if nobody waits.</summary>
    public TaskCompletionSource? Done { get; }

    /// <summary>Has the next delivery begin after this one, unless this one is over.</summary>
    public bool TryChain(ChangeDelivery next) => Interlocked.CompareExchange(ref _following, next, null) is null;

    /// <summary>Takes no next any more.</summary>
    /// <returns>The one that came before that.</returns>
    public ChangeDelivery? Finish() => Interlocked.CompareExchange(ref _following, this, null);

    /// <summary>Runs the callbacks: the first one here, the others wherever there is a thread.</summary>
    public override void Execute()
    {
        foreach (CallbackRegistration callback in _callbacks.AsSpan(1))
        {
            Runner.Queue.Enqueue(new RunBeside(this, callback, Runner));
        }

        base.Execute();
    }

    /// <summary>One of the callbacks has returned, or is waited for no longer.</summary>
    public void OnReturned()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0)
        {
            _owner.OnOver(this);
        }
    }

    private sealed class RunBeside(ChangeDelivery delivery, CallbackRegistration callback, CallbackRunner runner) : CallbackRun(callback, runner)
    {
        public override ChangeDelivery Delivery => delivery;
    }
}
