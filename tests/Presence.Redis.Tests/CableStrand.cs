using System.Net;
using System.Net.Sockets;

namespace Presence.Redis.Tests;

/// <summary>One connection through a <see cref="Cable"/>.</summary>
internal sealed class CableStrand : IDisposable
{
    private readonly Socket _near;
    private readonly Socket _far = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Lock _lock = new();
    private readonly List<byte> _held = [];
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isDelivering;

    public CableStrand(Socket near)
    {
        near.NoDelay = true;
        _near = near;
    }

    public bool IsHeld { get; private set; }

    public bool IsDeaf { get; set; }

    public bool HasSubscribed { get; private set; }

    public bool HoldsSomething
    {
        get
        {
            lock (_lock)
            {
                return _held.Count > 0;
            }
        }
    }

    public void Hold()
    {
        lock (_lock)
        {
            IsHeld = true;
        }
    }

    public void LoseNear() => _near.Dispose();

    /// <summary>Sends on what is held, and waits for an answer, if anything is.</summary>
    public async Task DeliverAsync()
    {
        byte[] held;
        lock (_lock)
        {
            held = [.. _held];
            _isDelivering = true;
        }

        if (held.Length > 0)
        {
            await _far.SendAsync(held);
            await _answered.Task.WaitAsync(TestServer.Patience);
        }
    }

    public async Task ForwardAsync(IPEndPoint target)
    {
        try
        {
            await _far.ConnectAsync(target);
            Task up = CopyAsync(_near, _far, ForwardUp), down = CopyAsync(_far, _near, _ => !IsDeaf && !OnAnswer());
            await Task.WhenAny(up, down);
            _ = EndAnswersAsync(down);
            if (!IsHeld)
            {
                Dispose();
            }
        }
        catch (SocketException)
        {
            Dispose(); // the store is not there; to the one on this side that looks like a cut
        }
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    /// <summary>Has nobody wait for an answer of a store that has closed the connection.</summary>
    private async Task EndAnswersAsync(Task down)
    {
        await down;
        _answered.TrySetResult();
    }

    private bool ForwardUp(ReadOnlyMemory<byte> data)
    {
        HasSubscribed |= data.Span.IndexOf("SUBSCRIBE"u8) >= 0;
        lock (_lock)
        {
            if (IsHeld)
            {
                _held.AddRange(data.Span);
            }

            return !IsHeld;
        }
    }

    /// <summary>Whether it answers what was delivered late, so that nobody waits for it.</summary>
    private bool OnAnswer()
    {
        lock (_lock)
        {
            if (_isDelivering)
            {
                _answered.TrySetResult();
            }

            return _isDelivering;
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, Func<ReadOnlyMemory<byte>, bool> forwards)
    {
        byte[] buffer = new byte[65_536];
        try
        {
            int length;
            while ((length = await from.ReceiveAsync(buffer)) > 0)
            {
                if (forwards(buffer.AsMemory(0, length)))
                {
                    await to.SendAsync(buffer.AsMemory(0, length));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, here or there.
        }
    }
}
