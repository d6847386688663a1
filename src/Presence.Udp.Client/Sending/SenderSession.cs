using System.Net;
using Microsoft.Extensions.Logging;
using Presence.Udp.Telemetry;

namespace Presence.Udp.Sending;

/// <summary>One session's heartbeats: asks the application, signs, sends, and knows what became of it.</summary>
/// <remarks>
/// Thread safety: the loop's thread calls <see cref="Beat"/>, anyone the rest. <c>_lock</c> guards key, sequence and status; the probe, the logger and look-ups run
/// outside it, so that <see cref="End"/> waits for none of them, and nothing is sent once it has returned.
/// </remarks>
internal sealed class SenderSession
{
    /// <summary>A look-up that <see cref="Restart"/> began may hold up a heartbeat for so long, and a quarter of an interval at most.</summary>
    private static readonly TimeSpan MaxGrace = TimeSpan.FromMilliseconds(100);

    private static long _numbers;

    private readonly HeartbeatSenderOptions _options;
    private readonly SenderClock _clock;
    private readonly SenderSocket _socket;
    private readonly HostAddresses _addresses;
    private readonly ILogger _logger;
    private readonly BeatSchedule _schedule;
    private readonly TimeSpan _grace;
    private readonly TimeSpan _expiry;
    private readonly object _lock = new();
    private readonly byte[] _datagram = new byte[HeartbeatDatagram.Length];
    private HeartbeatKey _key;
    private ulong _sequence;
    private HeartbeatSenderStatus _status = new();
    private TimeSpan _lastSent;
    private int _starts;
    private bool _isFailing;
    private bool _renews;
    private long _graceEnds;
    private volatile bool _waits;
    private volatile bool _isOver;

    public SenderSession(
        HeartbeatSenderOptions options, HeartbeatProbe probe, SenderClock clock, SenderSocket socket, HostAddresses addresses, ILogger logger, double phase)
    {
        (_options, _clock, _socket, _addresses, _logger) = (options, clock, socket, addresses, logger);
        _key = new HeartbeatKey(options.Key);
        Gate = new ProbeGate(probe, options.Interval, options.Patience ?? 2 * options.Interval);
        Due = _lastSent = clock.Now;
        _schedule = new BeatSchedule(options.Interval, Due, options.Interval * phase);
        _expiry = options.Interval * (options.ExpireAfter + 1.0);
        _grace = options.Interval / 4 < MaxGrace ? options.Interval / 4 : MaxGrace;
    }

    /// <summary>Tells sessions that are due at the same moment apart.</summary>
    public long Number { get; } = Interlocked.Increment(ref _numbers);

    public string Host => _options.Host;

    public TimeSpan Interval => _options.Interval;

    public ProbeGate Gate { get; }

    /// <summary>The loop's: when it has the session beat next.</summary>
    public TimeSpan Due { get; set; }

    public bool IsOver => _isOver;

    public HeartbeatSenderStatus Status
    {
        get
        {
            TimeSpan now = _clock.Now;
            lock (_lock)
            {
                NoteExpiryNeedsLock(now);
                return _status with { IsSilent = _status.IsSilent || Gate.IsOverdue(now) };
            }
        }
    }

    public bool WaitsFor(HostAddresses addresses) => _waits && ReferenceEquals(addresses, _addresses);

    /// <summary>Has the next heartbeat use a new socket, and what a look-up that starts now finds, if that is soon enough.</summary>
    public void Restart()
    {
        lock (_lock)
        {
            _renews = true;
        }

        Volatile.Write(ref _graceEnds, (_clock.Now + _grace).Ticks);
        _addresses.LookUp();
    }

    /// <summary>Sends nothing more, whatever the loop's thread is about, and wipes the key.</summary>
    public void End()
    {
        _isOver = true;
        lock (_lock)
        {
            _key = default;
        }
    }

    /// <returns>When to call it again; sooner if the look-up that it waits for is answered.</returns>
    public TimeSpan Beat()
    {
        TimeSpan now = _clock.Now;
        if (Waits(now, out TimeSpan until))
        {
            return until;
        }

        bool wasSilent = _status.IsSilent; // the loop's thread is the only one that writes it
        bool isSilent = !Gate.IsOpen(now);
        Exception? failure = isSilent ? null : TrySend(now);
        lock (_lock)
        {
            _status = _status with { IsSilent = isSilent, LastError = Gate.Error ?? failure ?? _status.LastError };
        }

        TryTell(wasSilent, isSilent, failure);
        _schedule.Advance(_clock.Now);
        return _schedule.Due;
    }

    /// <summary>Whether it is better to wait for a look-up: since no address is known, or since what is known may just have become wrong.</summary>
    private bool Waits(TimeSpan now, out TimeSpan until)
    {
        until = _addresses.Known.Length == 0 ? now + _options.Interval : TimeSpan.FromTicks(Volatile.Read(ref _graceEnds));
        _waits = until > now; // before the look, so that an answer is not missed
        return _waits = until > now && _addresses.IsLookingUp;
    }

    /// <returns>Why it could not be sent; null if it was, or the session is over.</returns>
    private Exception? TrySend(TimeSpan now)
    {
        IPAddress[] addresses = _addresses.Known;
        try
        {
            if (addresses.Length == 0)
            {
                throw _addresses.Error!;
            }

            Send(now, new IPEndPoint(addresses[_starts % addresses.Length], _options.Port));
            return null;
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _status = _status with { Failed = _status.Failed + 1 };
            }

            _starts++;
            _socket.Renew();
            if (!_addresses.IsLookingUp)
            {
                _addresses.LookUp();
            }

            return exception;
        }
    }

    private void Send(TimeSpan now, IPEndPoint target)
    {
        lock (_lock)
        {
            NoteExpiryNeedsLock(now);
            if (_isOver)
            {
                return;
            }

            if (_renews)
            {
                _renews = false;
                _socket.Renew();
            }

            HeartbeatDatagram.WriteHeartbeat(_datagram, _options.Session, ++_sequence);
            using (var tag = new HeartbeatTag())
            {
                tag.Sign(_key, _datagram);
            }

            _socket.Send(_datagram, target);
            _status = _status with { Sent = _status.Sent + 1 };
            _lastSent = now;
        }
    }

    /// <summary>Once expired is expired for good: a heartbeat after a standstill brings no session back.</summary>
    private void NoteExpiryNeedsLock(TimeSpan now)
    {
        if (!_status.IsProbablyExpired && !_isOver && now - _lastSent >= _expiry)
        {
            _status = _status with { IsProbablyExpired = true };
        }
    }

    private void TryTell(bool wasSilent, bool isSilent, Exception? failure)
    {
        try
        {
            Tell(wasSilent, isSilent, failure);
        }
        catch (Exception)
        {
            // Only a logger can throw here, and that is no reason to fall silent.
        }
    }

    private void Tell(bool wasSilent, bool isSilent, Exception? failure)
    {
        if (isSilent && !wasSilent)
        {
            Log.FellSilent(_logger, Gate.Patience, _options.Session);
        }
        else if (wasSilent && !isSilent)
        {
            Log.Resumed(_logger);
        }

        if (failure is not null && !_isFailing)
        {
            _isFailing = true;
            Log.SendFailed(_logger, failure, _options.Host, _options.Port);
        }
        else if (failure is null && !isSilent && _isFailing)
        {
            _isFailing = false;
            Log.SendRecovered(_logger);
        }
    }
}
