using System.Collections.Concurrent;

namespace Presence.Changes;

/// <summary>Runs work on the thread pool without filling the pool's own queue, in which others' work would wait behind it.</summary>
/// <remarks>
/// A million expiries in the pool's queue would hold up the host's receive loops, and so heartbeats, and the next tick. Here at most one runner per processor
/// waits in the pool. Each asks for the next runner before it runs anything, so work that blocks holds up only itself; and after a
/// batch it goes to the back of the pool's queue. Thread safety: full.
/// </remarks>
internal sealed class FairQueue : IThreadPoolWorkItem
{
    private const int Batch = 16;

    private readonly ConcurrentQueue<IThreadPoolWorkItem> _work = new();
    private int _waiting; // runners in the pool's queue

    public void Enqueue(IThreadPoolWorkItem work)
    {
        _work.Enqueue(work);
        AskForRunner();
    }

    /// <summary>One runner's turn.</summary>
    public void Execute()
    {
        Interlocked.Decrement(ref _waiting);
        for (int i = 0; i < Batch && _work.TryDequeue(out IThreadPoolWorkItem? work); i++)
        {
            AskForRunner();
            work.Execute();
        }

        AskForRunner();
    }

    private void AskForRunner()
    {
        int waiting = Volatile.Read(ref _waiting);
        while (waiting < Environment.ProcessorCount && !_work.IsEmpty)
        {
            int seen = Interlocked.CompareExchange(ref _waiting, waiting + 1, waiting);
            if (seen == waiting)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            waiting = seen;
        }
    }
}
