using System.Net;
using System.Net.Sockets;

namespace Presence.Redis.Tests;

/// <summary>A way to the store that fails as networks do: a TCP proxy on a port of its own.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly HashSet<CableStrand> _strands = [];
    private readonly List<CableStrand> _late = [];
    private readonly Task _accepting;
    private bool _isCut;

    public Cable(string target)
    {
        _target = IPEndPoint.Parse(target);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string EndPoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>Whether something that was sent is being held.</summary>
    public bool HoldsSomething
    {
        get
        {
            lock (_lock)
            {
                return _strands.Any(strand => strand.HoldsSomething);
            }
        }
    }

    /// <summary>Cuts every connection and lets none through.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
            foreach (CableStrand strand in _strands)
            {
                strand.Dispose();
            }

            _strands.Clear();
        }
    }

    public void Mend()
    {
        lock (_lock)
        {
            _isCut = false;
        }
    }

    /// <summary>Holds what is sent to the store from now on over the connections that there are.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            foreach (CableStrand strand in _strands)
            {
                strand.Hold();
            }
        }
    }

    /// <summary>Breaks the connections whose data is held, for whoever sent it; to the store they stand.</summary>
    public void LoseHeld()
    {
        lock (_lock)
        {
            CableStrand[] held = [.. _strands.Where(strand => strand.IsHeld)];
            _late.AddRange(held);
            _strands.ExceptWith(held);
            Array.ForEach(held, strand => strand.LoseNear());
        }
    }

    /// <summary>Has the store get what was held, late, and waits until it has answered.</summary>
    public async Task DeliverLateAsync()
    {
        CableStrand[] late;
        lock (_lock)
        {
            late = [.. _late];
            _late.Clear();
        }

        foreach (CableStrand strand in late)
        {
            try
            {
                await strand.DeliverAsync();
            }
            catch (SocketException)
            {
                // The store has closed the connection meanwhile.
            }

            strand.Dispose();
        }
    }

    /// <summary>Has nothing more arrive from the store on connections that subscribed to something, without a word to either side.</summary>
    public void Deafen()
    {
        lock (_lock)
        {
            foreach (CableStrand strand in _strands)
            {
                strand.IsDeaf = strand.HasSubscribed;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        _late.ForEach(strand => strand.Dispose());
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var strand = new CableStrand(await _listener.AcceptSocketAsync());
            lock (_lock)
            {
                if (_isCut)
                {
                    strand.Dispose();
                    continue;
                }

                _strands.Add(strand);
            }

            _ = strand.ForwardAsync(_target);
        }
    }
}
