namespace Presence.Guards;

/// <summary>Finds out whether work waits in the thread pool for longer than an interval. Then heartbeats do too.</summary>
/// <remarks>
/// It keeps one probe in the pool's queue, and asks at each tick whether it has run. It measures by the system's clock whatever the tracker's:
/// the pool is the real one, also under a fake clock. Thread safety: for ticks, which come one at a time.
/// </remarks>
internal sealed class ThreadPoolGuard(TimeSpan interval)
{
    private long _posted;
    private int _isWaiting;

    public bool IsStarved()
    {
        if (Volatile.Read(ref _isWaiting) == 1)
        {
            return TimeProvider.System.GetElapsedTime(_posted) > interval;
        }

        _posted = TimeProvider.System.GetTimestamp();
        Volatile.Write(ref _isWaiting, 1);
        ThreadPool.UnsafeQueueUserWorkItem(static guard => Volatile.Write(ref guard._isWaiting, 0), this, preferLocal: false);
        return false;
    }
}
