using Presence.Udp.Telemetry;

namespace Presence.Udp.Receiving;

/// <summary>Reads and answers datagrams on a thread of its own until it is stopped, whatever comes.</summary>
/// <remarks>
/// A thread that blocks, not asynchronous reads: at 10,000 datagrams a second those cost 0.65 of a core, and this 0.04 of one.
/// Thread safety: <see cref="Start"/> and <see cref="StopAsync"/> may be called once each.
/// </remarks>
/// <param name="channel">What it reads and answers.</param>
/// <param name="verifier">Its own.</param>
/// <param name="counts">Its own.</param>
/// <param name="log">The listener's.</param>
/// <param name="report">Has the listener's counts logged, on one of its threads; null on the others.</param>
/// <param name="maxUnread">How many datagrams a receive buffer may hold.</param>
internal sealed class ReceiveLoop(DatagramChannel channel, HeartbeatVerifier verifier, OutcomeCounts counts, OutcomeLog log, Action? report, int maxUnread)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "Presence UDP heartbeats" }.UnsafeStart(); // without the context of whoever starts it

    /// <summary>Stops when everything has been taken that was received until now.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        return _ended.Task;
    }

    private void Run()
    {
        while (!_stopping)
        {
            if (!TryTake(wait: true, out _))
            {
                Thread.Sleep(RetryDelay); // whatever is wrong with the socket, don't burn a core on it
            }
        }

        // What came in before the stop lies in the buffer. What comes in meanwhile doesn't, so that a flood can't hold up the stop.
        int unread = maxUnread;
        while (unread > 0 && TryTake(wait: false, out int taken) && taken > 0)
        {
            unread -= taken;
        }

        _ended.SetResult();
    }

    private bool TryTake(bool wait, out int taken)
    {
        taken = 0;
        try
        {
            taken = channel.Read(wait);
            for (int i = 0; taken > 1 && i < taken; i++)
            {
                verifier.Touch(channel[i]);
            }

            int asked = 0;
            for (int i = 0; i < taken; i++)
            {
                asked += Accept(i) ? 1 : 0;
            }

            if (asked > 0)
            {
                counts.AddAnswers(asked, channel.SendAnswers());
            }

            report?.Invoke();
            return true;
        }
        catch (Exception exception)
        {
            TryLog(exception);
            return false;
        }
    }

    private void TryLog(Exception exception)
    {
        try
        {
            log.ReceiveFailed(exception);
        }
        catch (Exception)
        {
            // A logger that throws is the host's trouble, but it must not end the loop.
        }
    }

    /// <returns>Whether it has an answer to be sent.</returns>
    private bool Accept(int index)
    {
        KeyedSession? asking = null;
        DatagramOutcome outcome;
        try
        {
            outcome = verifier.Accept(channel[index], out asking);
        }
        catch (Exception exception)
        {
            outcome = DatagramOutcome.Failed;
            log.SinkFailed(exception);
        }

        counts.Add(outcome);
        if (asking is null)
        {
            return false;
        }

        verifier.Acknowledge(channel[index], asking, channel.AnswerTo(index));
        return true;
    }
}
