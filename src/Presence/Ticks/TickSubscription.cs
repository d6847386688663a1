namespace Presence.Ticks;

/// <summary>A tracker's subscription to its tick source, which holds it weakly: a tracker that nobody holds is free to go, whatever source it is on and though it was not disposed of.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class TickSubscription : IDisposable
{
    private readonly WeakReference<PresenceTracker> _tracker;
    private IDisposable? _subscription;

    private TickSubscription(PresenceTracker tracker) => _tracker = new WeakReference<PresenceTracker>(tracker);

    /// <exception cref="InvalidOperationException">The source gave nothing to end the subscription by.</exception>
    public static TickSubscription To(ITickSource source, PresenceTracker tracker)
    {
        var subscription = new TickSubscription(tracker);
        IDisposable inner = source.Subscribe(subscription.OnTick)
            ?? throw new InvalidOperationException($"{source.GetType()}.{nameof(ITickSource.Subscribe)} returned null. It must return what ends the subscription when it is disposed.");
        Volatile.Write(ref subscription._subscription, inner);
        return subscription;
    }

    /// <summary>Throws what the source's own throws.</summary>
    public void Dispose() => Volatile.Read(ref _subscription)?.Dispose();

    private void OnTick(Tick tick)
    {
        if (_tracker.TryGetTarget(out PresenceTracker? tracker))
        {
            tracker.OnTick(tick);
        }
        else
        {
            Dispose();
        }
    }
}
