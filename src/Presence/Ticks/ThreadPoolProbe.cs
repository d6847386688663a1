namespace Presence.Ticks;

/// <summary>Finds out whether work waits in the thread pool for longer than an interval. Then heartbeats do too.</summary>
/// <remarks>
/// It keeps one probe in the pool's queue, and is asked at ticks whether that has run. It measures by the system's clock, and so is for ticks that come by that one: the
/// pool is the real one, and under any other clock a test would depend on how busy the machine is. Thread safety: for one thread at a time.
/// </remarks>
internal sealed class ThreadPoolProbe(TimeSpan interval)
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
        ThreadPool.UnsafeQueueUserWorkItem(static probe => Volatile.Write(ref probe._isWaiting, 0), this, preferLocal: false);
        return false;
    }
}
