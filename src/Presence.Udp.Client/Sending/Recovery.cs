namespace Presence.Udp.Sending;

/// <summary>What a session does while its heartbeats fail or are not answered: a new socket, the next address, and the name looked up, now and then for as long as it lasts.</summary>
/// <remarks>Thread safety: none; the loop's thread is the only caller.</remarks>
internal sealed class Recovery(SenderSocket socket, HostAddresses addresses)
{
    private bool _isFailing;

    /// <summary>Whether the server did not answer when the last heartbeat was due.</summary>
    public bool IsUnanswered { get; private set; }

    /// <summary>How many times it began afresh.</summary>
    public int Starts { get; private set; }

    /// <summary>Notes how it went, at a heartbeat that was due.</summary>
    public void Note(TimeSpan now, bool isFailing, bool isUnanswered)
    {
        bool isNew = (isFailing && !_isFailing) || (isUnanswered && !IsUnanswered);
        (_isFailing, IsUnanswered) = (isFailing, isUnanswered);
        if ((isFailing || isUnanswered) && (addresses.LookUpNowAndThen(now, isNew) || isFailing || isNew))
        {
            Starts++;
            socket.RenewNowAndThen(now);
        }
    }
}
