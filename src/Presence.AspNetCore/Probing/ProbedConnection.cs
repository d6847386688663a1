namespace Presence.AspNetCore.Probing;

/// <summary>A connection with a session of its own: what its client sends are heartbeats, and a client that is silent is asked.</summary>
/// <remarks>Thread safety: full. Ticks come one at a time; a sign of life that comes along with one may cause a question too many, and no other harm.</remarks>
internal abstract class ProbedConnection(IHeartbeatSink sink, SessionId session, int probeAfter)
{
    private int _silentTicks;
    private volatile bool _isAsked;
    private volatile bool _isOver;

    public SessionId Session { get; } = session;

    /// <summary>Whether the client was asked and has not answered.</summary>
    public bool IsAsked => _isAsked;

    /// <summary>Whether the server is still at work on what the client sent, so that more may lie unread.</summary>
    protected abstract bool IsBusy { get; }

    /// <summary>Takes nothing more for a sign of life: the connection is over, and what is still read came before.</summary>
    public void End() => _isOver = true;

    /// <summary>Notes a sign of life. If the session is over, so is its connection.</summary>
    public void NoteLife()
    {
        if (_isOver)
        {
            return;
        }

        Volatile.Write(ref _silentTicks, 0);
        if (!sink.Heartbeat(Session))
        {
            Close();
        }
    }

    /// <summary>Notes the answer to a question, which is a sign of life.</summary>
    public void NoteAnswer()
    {
        _isAsked = false;
        NoteLife();
    }

    /// <summary>Asks the client if it has been silent for long enough and owes no answer. Called at each tick.</summary>
    public void OnTick()
    {
        if (IsBusy)
        {
            NoteLife(); // what it sent meanwhile could not be read
        }
        else if (++_silentTicks >= probeAfter && !_isAsked)
        {
            _isAsked = true;
            Ask();
        }
    }

    /// <summary>Tells the client that it is taken for gone, as far as it still hears, and ends the connection so that it may come again.</summary>
    public abstract void Close();

    /// <summary>Ends the connection because its client has joined again on another one.</summary>
    public virtual void CloseReplaced() => Close();

    /// <summary>Ends the connection because the host stops. SignalR does that by itself.</summary>
    public virtual void CloseStopping()
    {
    }

    /// <summary>Sends a question, and waits for nothing.</summary>
    protected abstract void Ask();
}
