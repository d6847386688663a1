using System.Net.WebSockets;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.WebSockets;

/// <summary>What the prober knows of a WebSocket.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class ProbedSocket(IHeartbeatSink sink, SessionId session, int probeAfter, SocketWriter writer) : ProbedConnection(sink, session, probeAfter)
{
    private static readonly ReadOnlyMemory<byte> Probe = "presence?"u8.ToArray();

    private volatile bool _isTaken;

    protected override bool IsBusy => _isTaken;

    /// <summary>Says whether the server is at work on a message.</summary>
    public void Take(bool isTaken) => _isTaken = isTaken;

    public override void Close() =>
        writer.Close((WebSocketCloseStatus)WebSocketPresenceOptions.ExpiredStatus, "expired: nothing was heard from this client for too long");

    public override void CloseReplaced() =>
        writer.Close((WebSocketCloseStatus)WebSocketPresenceOptions.ReplacedStatus, "replaced: the client has connected again");

    public override void CloseStopping() => writer.Close(WebSocketCloseStatus.EndpointUnavailable, "the server stops");

    protected override void Ask()
    {
        ValueTask<bool> sent = writer.SendAsync(Probe, WebSocketMessageType.Text, default);
        if (!sent.IsCompletedSuccessfully)
        {
            _ = sent.AsTask(); // whoever does not take it does not answer either
        }
    }
}
