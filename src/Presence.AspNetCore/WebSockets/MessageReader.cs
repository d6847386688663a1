using System.Buffers;
using System.Net.WebSockets;

namespace Presence.AspNetCore.WebSockets;

/// <summary>Reads whole messages from a WebSocket. While nothing comes it holds no buffer.</summary>
/// <remarks>Thread safety: for one reader.</remarks>
internal sealed class MessageReader(WebSocket socket, int maxSize) : IDisposable
{
    private const int FirstBuffer = 1024;

    private byte[] _buffer = [];
    private int _count;

    /// <summary>The last message, until the next is read.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _count);

    /// <summary>Whether the last message is larger than it may be. Then the rest of it is yet to be read.</summary>
    public bool IsTooLarge => _count > maxSize;

    /// <summary>Reads the next message, or the close.</summary>
    public async ValueTask<WebSocketMessageType> ReadAsync(CancellationToken cancellationToken)
    {
        Dispose();
        ValueWebSocketReceiveResult result = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false); // waits until there is something
        while (!result.EndOfMessage && result.MessageType != WebSocketMessageType.Close && !IsTooLarge)
        {
            Grow();
            result = await socket.ReceiveAsync(_buffer.AsMemory(_count), cancellationToken).ConfigureAwait(false);
            _count += result.Count;
        }

        return result.MessageType;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _count) = ([], 0);
        }
    }

    private void Grow()
    {
        if (_count < _buffer.Length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, (int)Math.Min(2L * _buffer.Length, maxSize + 1L)));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        int count = _count;
        Dispose();
        (_buffer, _count) = (larger, count);
    }
}
