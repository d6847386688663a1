using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Sending;

/// <summary>What a server's name stands for, as far as is known. Looking it up waits for nothing and holds up no heartbeat.</summary>
/// <remarks>
/// <para>Each look-up has a thread of its own, for a busy thread pool must not hold it up. One that hangs is overtaken by the next, and what it
/// answers after that is not taken any more. One that fails is repeated until a name server answers, since whoever asked may not ask again.</para>
/// <para>Thread safety: full. <c>_lock</c> guards the numbers; the addresses are replaced as a whole.</para>
/// </remarks>
internal sealed class HostAddresses : IDisposable
{
    /// <summary>So many look-ups may hang. The resolver gives each up in time, so this is no end for good.</summary>
    private const int MaxRunning = 4;

    private readonly string _host;
    private readonly Func<string, IPAddress[]> _resolve;
    private readonly Action<HostAddresses> _onAnswer;
    private readonly bool _isName;
    private readonly object _lock = new();
    private readonly Random _random = new();
    private readonly LookUpPauses _pauses; // of those that trouble asks for
    private volatile IPAddress[] _known = [];
    private volatile Exception? _error;
    private long _started;
    private long _taken;
    private int _running;
    private bool _isOwed;
    private bool _isOver;
    private TimeSpan _askedAt;
    private TimeSpan _due;

    /// <param name="host">The name, or an address, which needs no look-up.</param>
    /// <param name="resolve">Looks a name up, and may take its time.</param>
    /// <param name="onAnswer">Called after each look-up, on its thread, whatever it brought.</param>
    public HostAddresses(string host, Func<string, IPAddress[]> resolve, Action<HostAddresses> onAnswer)
    {
        (_host, _resolve, _onAnswer) = (host, resolve, onAnswer);
        _pauses = new LookUpPauses(_random);
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
            _isOwed = true;
            StartNeedsLock();
        }
    }

    /// <summary>Looks the name up for a session in trouble: soon if that is new, and then ever more rarely.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isNew">Whether there was no trouble before.</param>
    /// <returns>Whether it was time to. An address is not looked up, nor is a name whose look-up is on its way or is being repeated.</returns>
    public bool LookUpNowAndThen(TimeSpan now, bool isNew)
    {
        lock (_lock)
        {
            if (isNew)
            {
                _pauses.Reset();
                TimeSpan soon = _askedAt + LookUpPauses.First;
                _due = soon < _due ? soon : _due;
            }

            if (now < _due)
            {
                return false;
            }

            _askedAt = now;
            _due = now + _pauses.Next();
            if (_taken == _started && _error is null)
            {
                _isOwed = true;
                StartNeedsLock();
            }

            return true;
        }
    }

    /// <summary>Starts and repeats no look-up any more. What one that is on its way brings is still taken.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Starts the look-up that is owed; if too many hang, it starts when one of them ends.</summary>
    private void StartNeedsLock()
    {
        if (_isOwed && _isName && !_isOver && _running < MaxRunning)
        {
            _isOwed = false;
            long number = NumberNeedsLock();
            Monitor.PulseAll(_lock); // whoever waits to repeat an older one is not needed any more
            ContextFreeThread.Start("Presence look-up", () => Run(number));
        }
    }

    private long NumberNeedsLock()
    {
        _running++;
        return ++_started;
    }

    private void Run(long number)
    {
        var pauses = new LookUpPauses(_random);
        do
        {
            if (TryTake(number, Resolve(out Exception? error), error))
            {
                _onAnswer(this);
            }
        }
        while (MustRepeat(ref number, pauses));
    }

    private IPAddress[] Resolve(out Exception? error)
    {
        try
        {
            IPAddress[] found = _resolve(_host);
            error = found.Length == 0 ? new SocketException((int)SocketError.NoData) : null;
            return found;
        }
        catch (Exception exception)
        {
            error = exception; // the addresses known so far stay; whoever sends tells of it
            return [];
        }
    }

    /// <returns>Whether it is newer than what is known.</returns>
    private bool TryTake(long number, IPAddress[] found, Exception? error)
    {
        lock (_lock)
        {
            _running--;
            StartNeedsLock();
            if (number <= _taken)
            {
                return false;
            }

            _taken = number;
            _error = error;
            _known = found.Length > 0 ? found : _known;
            return true;
        }
    }

    /// <summary>Waits after a look-up that failed.</summary>
    /// <returns>Whether to repeat it, under a new number: not if a later one was started meanwhile, which has its own repeats.</returns>
    private bool MustRepeat(ref long number, LookUpPauses pauses)
    {
        lock (_lock)
        {
            if (_error is null || number != _started || _isOver)
            {
                return false;
            }

            Monitor.Wait(_lock, pauses.Next());
            if (number != _started || _isOver)
            {
                return false;
            }

            number = NumberNeedsLock();
            return true;
        }
    }
}
