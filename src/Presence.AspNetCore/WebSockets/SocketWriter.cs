using System.Net.WebSockets;

namespace Presence.AspNetCore.WebSockets;

/// <summary>Sends on a WebSocket, one message at a time, and closes it.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class SocketWriter(WebSocket socket) : IDisposable
{
    /// <summary>How long a client has for its part of a close.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isClosing;

    /// <summary>Whether the server closes it, for whatever reason.</summary>
    public bool IsClosing => Volatile.Read(ref _isClosing) == 1;

    /// <summary>Cancelled when it is to be let go, whatever its client does.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether an exception says no more than that a WebSocket, or the request that it came by, is over.</summary>
    public static bool IsEnd(Exception exception) =>
        exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;

    /// <returns>Whether the system has taken the message.</returns>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        try
        {
            await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (IsClosing)
                {
                    return false;
                }

                await socket.SendAsync(message, type, endOfMessage: true, cancellationToken).ConfigureAwait(false);
                return true;
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception exception) when (IsEnd(exception) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Begins to close, and waits for nothing. Only the first call does something.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            _ = CloseAsync(status, reason);
        }
    }

    /// <summary>Waits until the word of the close is out, or nobody takes it in time.</summary>
    public Task WhenClosedAsync() => _closed.Task;

    public void Dispose() => _ended.Dispose();

    private async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        try
        {
            _ended.CancelAfter(CloseTimeout);
            await _sending.WaitAsync(_ended.Token).ConfigureAwait(false);
            await socket.CloseOutputAsync(status, reason, _ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // There is nobody to be told.
        }
        finally
        {
            _closed.SetResult();
        }
    }
}
