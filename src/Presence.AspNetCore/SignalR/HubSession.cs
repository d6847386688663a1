using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.SignalR;

/// <summary>The session of one hub connection.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class HubSession(IPresenceTracker tracker, SessionId session, int probeAfter, HubConnectionContext connection, InputTap input)
    : ProbedConnection(tracker, session, probeAfter)
{
    /// <summary>A name that no other question to a client has: SignalR numbers its own.</summary>
    public const string ProbeId = "presence";

    private const string Gone = "Presence: nothing was heard from this client for too long, so it was taken for gone. Connect again.";

    private static readonly SerializedHubMessage Probe = new(new InvocationMessage(ProbeId, SignalRPresenceOptions.ProbeMethod, []));

    protected override bool IsBusy => input.IsTaken;

    public void OnMessage(HubMessage message)
    {
        switch (message)
        {
            case CompletionMessage { InvocationId: ProbeId }:
                NoteAnswer();
                break;
            case PingMessage or AckMessage:
                break; // the library's, not the application's
            case CloseMessage:
                tracker.Leave(Session); // at once: the end of the connection may have been noted before this was read
                break;
            default:
                NoteLife();
                break;
        }
    }

    public override void Close()
    {
        Send(connection.WriteAsync(new CloseMessage(Gone, allowReconnect: true)));
        connection.Abort();
    }

    protected override void Ask() => Send(connection.WriteAsync(Probe));

    /// <summary>Lets a message go its way. The connection sees to what fails: it logs it and aborts.</summary>
    private static void Send(ValueTask message)
    {
        if (!message.IsCompletedSuccessfully)
        {
            _ = message.AsTask();
        }
    }
}
