using System.Net;

namespace Presence.Udp.Sending;

/// <summary>What a server's name stands for, as far as is known. Looking it up waits for nothing and holds up no heartbeat.</summary>
/// <remarks>
/// <para>Each look-up has a thread of its own, for a busy thread pool must not hold it up. One that hangs is overtaken by the next, and what it
/// answers after that is not taken any more.</para>
/// <para>Thread safety: full. <c>_lock</c> guards the numbers; the addresses are replaced as a whole.</para>
/// </remarks>
internal sealed class HostAddresses
{
    /// <summary>So many look-ups may hang. The resolver gives each up in time, so this is no end for good.</summary>
    private const int MaxRunning = 4;

    private readonly string _host;
    private readonly Func<string, IPAddress[]> _resolve;
    private readonly Action<HostAddresses> _onAnswer;
    private readonly bool _isName;
    private readonly object _lock = new();
    private volatile IPAddress[] _known = [];
    private volatile Exception? _error;
    private long _started;
    private long _taken;
    private int _running;

    /// <param name="host">The name, or an address, which needs no look-up.</param>
    /// <param name="resolve">Looks a name up, and may take its time.</param>
    /// <param name="onAnswer">Called after each look-up, on its thread, whatever it brought.</param>
    public HostAddresses(string host, Func<string, IPAddress[]> resolve, Action<HostAddresses> onAnswer)
    {
        (_host, _resolve, _onAnswer) = (host, resolve, onAnswer);
        _isName = !IPAddress.TryParse(host, out IPAddress? address);
        if (address is not null)
        {
            _known = [address];
        }
    }

    /// <summary>The addresses of the last look-up that found some; none before the first.</summary>
    public IPAddress[] Known => _known;

    /// <summary>Why the last look-up found nothing; null if it did, or there was none.</summary>
    public Exception? Error => _error;

    public bool IsLookingUp
    {
        get
        {
            lock (_lock)
            {
                return _taken < _started;
            }
        }
    }

    /// <summary>Looks the name up, also while another look-up is on its way, which may hang.</summary>
    public void LookUp()
    {
        lock (_lock)
        {
            if (_isName && _running < MaxRunning)
            {
                _running++;
                long number = ++_started;
                new Thread(() => Resolve(number)) { IsBackground = true, Name = "Presence look-up" }.Start();
            }
        }
    }

    private void Resolve(long number)
    {
        IPAddress[] found = [];
        Exception? error = null;
        try
        {
            found = _resolve(_host);
            error = found.Length == 0 ? new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.NoData) : null;
        }
        catch (Exception exception)
        {
            error = exception; // the addresses known so far stay; whoever sends tells of it, and looks up again
        }

        lock (_lock)
        {
            _running--;
            if (number <= _taken)
            {
                return;
            }

            _taken = number;
            _error = error;
            _known = found.Length > 0 ? found : _known;
        }

        _onAnswer(this);
    }
}
