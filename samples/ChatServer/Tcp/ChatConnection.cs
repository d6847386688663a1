using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Presence;

namespace ChatServer;

/// <summary>One TCP connection, and the state of the session that logs in on it.</summary>
/// <remarks>Thread safety: the handler reads; anyone may send and close.</remarks>
internal sealed class ChatConnection(ConnectionContext transport, TimeProvider timeProvider)
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly PipeReader _input = transport.Transport.Input;
    private readonly PipeWriter _output = transport.Transport.Output;
    private readonly Lock _sending = new(); // guards the output, which takes one writer at a time, and the flag
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    /// <summary>The session on this connection, or none until it has logged in.</summary>
    public SessionId Session { get; set; }

    /// <summary>Whether the client said that it goes.</summary>
    public bool HasLoggedOut { get; set; }

    /// <summary>Whether the client was told to go.</summary>
    public bool IsDismissed { get; private set; }

    /// <summary>Completes when the client has been welcomed, before anything else was sent to its session.</summary>
    public Task Welcomed => _welcomed.Task;

    public LineReader Lines { get; } = new(transport.Transport.Input, ChatOptions.MaxLineBytes);

    public void Send(ServerMessage message) => Send(message.ToLine());

    /// <summary>Sends a line and waits for nobody: a client that leaves too much unread is cut off.</summary>
    public void Send(ReadOnlySpan<byte> line)
    {
        lock (_sending)
        {
            if (!_isClosed && !TryWriteNeedsLock(line))
            {
                _isClosed = true;
                transport.Abort(new ConnectionAbortedException("The client does not read, or is gone."));
            }
        }
    }

    public void SetWelcomed() => _welcomed.TrySetResult();

    /// <summary>Ends the reading, whereupon the handler ends the connection.</summary>
    public void Close()
    {
        _welcomed.TrySetResult();
        _input.CancelPendingRead();
    }

    /// <summary>Tells the client why it has to go, and closes.</summary>
    public void Dismiss(ErrorMessage reason)
    {
        Send(reason);
        IsDismissed = true;
        Close();
    }

    /// <summary>Ends the connection with a reset, after which the kernel keeps nothing of it either.</summary>
    public void Reset() => transport.Abort(new ConnectionAbortedException("The client was told to go, and did not close."));

    /// <summary>Takes nothing more to send. What was sent before has a while to reach the client; then it is cut off, whether it read or not.</summary>
    public void Finish()
    {
        lock (_sending)
        {
            _isClosed = true;
        }

        _ = AbortLaterAsync();
    }

    /// <summary>Hands a line to the pipe.</summary>
    /// <returns>Whether there was room for it, and the connection is still there.</returns>
    private bool TryWriteNeedsLock(ReadOnlySpan<byte> line)
    {
        try
        {
            _output.Write(line);
            ValueTask<FlushResult> flush = _output.FlushAsync();
            return flush.IsCompletedSuccessfully && !flush.Result.IsCompleted;
        }
        catch (Exception)
        {
            return false; // what broke the connection is thrown here too, and must not keep the line from others; the handler reads of it
        }
    }

    private async Task AbortLaterAsync()
    {
        // It mostly ends at once, and is then not kept for longer: thousands a second that live for a while are what makes garbage collections pause.
        await Task.Delay(CloseTimeout, timeProvider, transport.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        transport.Abort();
    }
}
