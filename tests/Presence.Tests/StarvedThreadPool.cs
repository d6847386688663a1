namespace Presence.Tests;

/// <summary>Keeps every thread of the pool busy, and the pool from making more, until it is disposed of.</summary>
internal sealed class StarvedThreadPool : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly (int Workers, int Ports) _max;
    private readonly CountdownEvent _blocking;

    public StarvedThreadPool()
    {
        ThreadPool.GetMinThreads(out int workers, out _);
        ThreadPool.GetMaxThreads(out _max.Workers, out _max.Ports);
        ThreadPool.SetMaxThreads(workers, _max.Ports);
        int blockers = workers + ThreadPool.ThreadCount; // so many threads there are at most
        _blocking = new CountdownEvent(blockers);
        for (int blocker = 0; blocker < blockers; blocker++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Block(), this, preferLocal: false);
        }
    }

    public void Dispose()
    {
        _release.Set();
        ThreadPool.SetMaxThreads(_max.Workers, _max.Ports);
        _blocking.Wait();
    }

    private void Block()
    {
        _release.Wait();
        _blocking.Signal();
    }
}
