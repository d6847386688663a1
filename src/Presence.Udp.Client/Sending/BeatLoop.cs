namespace Presence.Udp.Sending;

/// <summary>The thread that has each sender of a group beat when it is due.</summary>
/// <remarks>Thread safety: full. <c>_lock</c> guards the order of beats; no probe, look-up or send runs under it.</remarks>
internal sealed class BeatLoop : IDisposable
{
    private readonly SenderClock _clock;
    private readonly object _lock = new();
    private readonly SortedSet<SenderSession> _waiting = new(Comparer<SenderSession>.Create(ByDue));
    private readonly AutoResetEvent _wake = new(initialState: false);
    private bool _stopping;

    public BeatLoop(SenderClock clock)
    {
        _clock = clock;
        ContextFreeThread.Start("Presence heartbeats", Run);
    }

    public void Add(SenderSession session)
    {
        lock (_lock)
        {
            _waiting.Add(session);
        }

        _wake.Set();
    }

    public void Remove(SenderSession session)
    {
        lock (_lock)
        {
            _waiting.Remove(session); // one that is just beating is not among them, and is not added again
        }
    }

    /// <summary>Has those that wait for a look-up beat now.</summary>
    public void OnAnswer(HostAddresses addresses)
    {
        lock (_lock)
        {
            foreach (SenderSession session in _waiting.Where(session => session.WaitsFor(addresses)).ToList())
            {
                _waiting.Remove(session);
                session.Due = _clock.Now;
                _waiting.Add(session);
            }
        }

        _wake.Set();
    }

    /// <summary>Has no one beat any more. The thread ends when a probe that it may be in returns.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            _waiting.Clear();
        }

        _wake.Set();
    }

    private static int ByDue(SenderSession left, SenderSession right)
    {
        int order = left.Due.CompareTo(right.Due);
        return order != 0 ? order : left.Number.CompareTo(right.Number);
    }

    private void Run()
    {
        while (TryTake(out SenderSession? due, out int wait))
        {
            if (due is null)
            {
                _wake.WaitOne(wait);
                continue;
            }

            TimeSpan next = due.Beat();
            lock (_lock)
            {
                if (!due.IsOver && !_stopping)
                {
                    due.Due = next;
                    _waiting.Add(due);
                }
            }
        }
    }

    /// <returns>Whether to go on: with who is due, or after a wait in milliseconds, rounded up.</returns>
    private bool TryTake(out SenderSession? due, out int wait)
    {
        lock (_lock)
        {
            due = _waiting.Min;
            wait = Timeout.Infinite;
            if (due is not null)
            {
                TimeSpan early = due.Due - _clock.Now;
                wait = (int)Math.Min(int.MaxValue, Math.Ceiling(early.TotalMilliseconds));
                if (wait > 0)
                {
                    due = null;
                }
                else
                {
                    _waiting.Remove(due);
                }
            }

            return !_stopping;
        }
    }
}
