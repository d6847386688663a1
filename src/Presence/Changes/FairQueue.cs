using System.Collections.Concurrent;

namespace Presence.Changes;

/// <summary>Runs work without filling another queue, the thread pool's or a fair one, in which others' work would wait behind it.</summary>
/// <remarks>
/// A million expiries in the pool's queue would hold up the host's receive loops, and so heartbeats, and the next tick. Here at most one runner per processor
/// waits in that queue. Each asks for the next runner before it runs anything, so work that blocks holds up only itself; and after a
/// batch it goes to the back. Thread safety: full.
/// </remarks>
internal sealed class FairQueue : IThreadPoolWorkItem
{
    /// <summary>Threads that a tick adds at most.</summary>
    private const int MaxReliefThreads = 32;

    /// <summary>Far longer than work waits while the pool has a thread for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<(IThreadPoolWorkItem Work, long Enqueued)> _work = new();
    private readonly Action<IThreadPoolWorkItem> _post;
    private readonly int _batch;
    private int _waiting; // runners in the other queue

    /// <summary>Makes a queue that runs on the thread pool.</summary>
    public FairQueue()
        : this(static runner => ThreadPool.UnsafeQueueUserWorkItem(runner, preferLocal: false), batch: 16)
    {
    }

    /// <summary>Makes a queue that takes its turns in another, an item a turn: work that makes more work for that one can't get far ahead of it.</summary>
    public FairQueue(FairQueue other)
        : this(other.Enqueue, batch: 1)
    {
    }

    private FairQueue(Action<IThreadPoolWorkItem> post, int batch) => (_post, _batch) = (post, batch);

    public void Enqueue(IThreadPoolWorkItem work)
    {
        _work.Enqueue((work, TimeProvider.System.GetTimestamp()));
        AskForRunner();
    }

    /// <summary>One runner's turn.</summary>
    public void Execute()
    {
        Interlocked.Decrement(ref _waiting);
        for (int i = 0; i < _batch && _work.TryDequeue(out (IThreadPoolWorkItem Work, long) next); i++)
        {
            AskForRunner();
            next.Work.Execute();
        }

        AskForRunner();
    }

    /// <summary>Runs on threads of its own what has waited for one of the pool's for so long that those must all be blocked. For ticks.</summary>
    /// <remarks>The pool adds a thread or two a second. Callbacks that block theirs would so hold up other clients' for as many seconds as there are of them.</remarks>
    public void RelieveIfStarved()
    {
        if (!_work.TryPeek(out (IThreadPoolWorkItem, long Enqueued) oldest) || TimeProvider.System.GetElapsedTime(oldest.Enqueued) < Patience)
        {
            return;
        }

        for (int i = Math.Min(_work.Count, MaxReliefThreads); i > 0; i--)
        {
            new Thread(RunAll) { IsBackground = true, Name = "Presence callbacks" }.UnsafeStart();
        }
    }

    private void RunAll()
    {
        while (_work.TryDequeue(out (IThreadPoolWorkItem Work, long) next))
        {
            next.Work.Execute();
        }
    }

    private void AskForRunner()
    {
        int waiting = Volatile.Read(ref _waiting);
        while (waiting < Environment.ProcessorCount && !_work.IsEmpty)
        {
            int seen = Interlocked.CompareExchange(ref _waiting, waiting + 1, waiting);
            if (seen == waiting)
            {
                _post(this);
                return;
            }

            waiting = seen;
        }
    }
}
