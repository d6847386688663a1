namespace Presence.Ticks;

/// <summary>Ticks from a thread of its own, which no work in the thread pool can hold up. It runs while there are subscribers.</summary>
/// <remarks>
/// The thread holds subscriptions weakly, as the system's timers are held: a tracker that nobody holds is free to go, though it was not disposed of.
/// Thread safety: full. The lock is not held while a tick is pushed.
/// </remarks>
internal sealed class TickThread(TimeSpan interval)
{
    private readonly object _gate = new(); // guards what follows, and wakes the thread
    private readonly PriorityQueue<WeakReference<Subscription>, TimeSpan> _due = new();
    private readonly ThreadPoolProbe _pool = new(interval); // for the thread
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private bool _isRunning;

    public bool IsRunning
    {
        get
        {
            lock (_gate)
            {
                return _isRunning;
            }
        }
    }

    public IDisposable Subscribe(Action<Tick> onTick)
    {
        lock (_gate)
        {
            if (!_isRunning)
            {
                new Thread(Run) { IsBackground = true, Name = "Presence ticks" }.UnsafeStart(); // with nobody's execution context
                _isRunning = true;
            }

            var subscription = new Subscription(this, onTick, new TickGrid(interval, Elapsed()));
            Enqueue(subscription);
            return subscription;
        }
    }

    private void Run()
    {
        while (WaitForNext() is { } next)
        {
            Push(next);
        }
    }

    /// <summary>Waits for the next tick, and holds no subscriber meanwhile.</summary>
    /// <returns>Null when there are no more subscribers: the thread is at its end.</returns>
    private WeakReference<Subscription>? WaitForNext()
    {
        lock (_gate)
        {
            while (_due.TryPeek(out _, out TimeSpan due))
            {
                // To the nearest of the milliseconds in which threads can wait. A whole one more would make every tick late at an interval of 1 ms.
                int wait = (int)Math.Round((due - Elapsed()).TotalMilliseconds);
                if (wait <= 0)
                {
                    return _due.Dequeue();
                }

                Monitor.Wait(_gate, wait);
            }

            _isRunning = false;
            return null;
        }
    }

    private void Push(WeakReference<Subscription> next)
    {
        if (next.TryGetTarget(out Subscription? subscription))
        {
            TimeSpan now = Elapsed();
            if (!subscription.Grid.PutsOff(now))
            {
                TickGrid.Push(subscription.OnTick, subscription.Grid.Take(now) with { IsPoolStarved = _pool.IsStarved() });
            }

            lock (_gate)
            {
                Enqueue(subscription);
            }
        }
    }

    private void Enqueue(Subscription subscription)
    {
        if (!subscription.IsDisposed)
        {
            _due.Enqueue(subscription.Self, subscription.Grid.Due);
            Monitor.Pulse(_gate); // it may be the next
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.IsDisposed = true;
            _due.Remove(subscription.Self, out _, out _);
            Monitor.Pulse(_gate); // it may have been the last
        }
    }

    private TimeSpan Elapsed() => TimeProvider.System.GetElapsedTime(_start);

    private sealed class Subscription : IDisposable
    {
        private readonly TickThread _thread;

        public Subscription(TickThread thread, Action<Tick> onTick, TickGrid grid)
        {
            (_thread, OnTick, Grid) = (thread, onTick, grid);
            Self = new WeakReference<Subscription>(this);
        }

        public Action<Tick> OnTick { get; }

        public TickGrid Grid { get; }

        public WeakReference<Subscription> Self { get; }

        public bool IsDisposed { get; set; }

        public void Dispose() => _thread.Remove(this);
    }
}
