using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Presence;

namespace ChatServer;

/// <summary>One TCP connection, and the state of the session that logs in on it.</summary>
/// <remarks>Thread safety: the handler reads; anyone may send and close.</remarks>
internal sealed class ChatConnection(AdmittedConnection transport)
{
    private readonly PipeWriter _output = transport.Transport.Output;
    private readonly Lock _sending = new(); // guards the output, which takes one writer at a time, and the flag
    private bool _isClosed;

    public PipeReader Input { get; } = transport.Transport.Input;

    /// <summary>The session on this connection, or none until it has logged in.</summary>
    public SessionId Session { get; set; }

    /// <summary>Who logs in or has logged in; empty before.</summary>
    public string User { get; set; } = "";

    /// <summary>Signs the session's heartbeats, and proves that who wants to resume it is the one that had it; null until it is welcomed, and where heartbeats are plain.</summary>
    public byte[]? Key { get; set; }

    /// <summary>Why it ends, if that is known before its session does: <c>left</c>, <c>too-slow</c>, <c>too-fast</c>, or <c>disconnected</c> if it broke.</summary>
    public string? Reason { get; set; }

    /// <summary>Whether the client was told to go.</summary>
    public bool IsDismissed { get; private set; }

    /// <summary>Completes when the client has been welcomed, before anything else was sent to its session.</summary>
    public TaskCompletionSource Welcomed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What others may tell this one alone; null until somebody does. The room's gate guards it.</summary>
    public FairShare? ToldAlone { get; set; }

    public void Send(ServerMessage message) => Send(message.ToLine());

    /// <summary>Sends a line and waits for nobody: a client that leaves too much unread is cut off.</summary>
    public void Send(ReadOnlySpan<byte> line)
    {
        lock (_sending)
        {
            if (!_isClosed && !TryWriteNeedsLock(line))
            {
                _isClosed = true;
                transport.Abort(new ConnectionAbortedException());
            }
        }
    }

    /// <summary>Ends the reading, whereupon the handler ends the connection.</summary>
    public void Close()
    {
        Welcomed.TrySetResult();
        Input.CancelPendingRead();
    }

    /// <summary>Tells the client why it has to go.</summary>
    public void SayGoodbye(ErrorMessage reason)
    {
        Send(reason);
        IsDismissed = true;
    }

    /// <summary>Ends the connection with a reset, after which the kernel keeps nothing of it either.</summary>
    public void Reset() => transport.Abort(new ConnectionAbortedException());

    /// <summary>Takes nothing more to send. What was sent before has a while to reach the client; then it is cut off, whether it read or not.</summary>
    public void Finish()
    {
        lock (_sending)
        {
            _isClosed = true;
        }

        transport.CutOffLater();
    }

    /// <summary>Hands a line to the pipe.</summary>
    /// <returns>Whether there was room for it, and the connection is still there.</returns>
    private bool TryWriteNeedsLock(ReadOnlySpan<byte> line)
    {
        try
        {
            _output.Write(line);
            ValueTask<FlushResult> flush = _output.FlushAsync();
            Reason ??= flush.IsCompletedSuccessfully ? null : "too-slow";
            return flush.IsCompletedSuccessfully && !flush.Result.IsCompleted;
        }
        catch (Exception)
        {
            return false; // what broke the connection is thrown here too, and must not keep the line from others; the handler reads of it
        }
    }
}
