using System.Net;
using Microsoft.Extensions.Logging;
using Presence.Udp.Telemetry;

namespace Presence.Udp.Sending;

/// <summary>One session's heartbeats: asks the application, signs, sends, and knows what became of it.</summary>
/// <remarks>
/// Thread safety: the loop's thread calls <see cref="Beat"/>, anyone the rest. <c>_lock</c> guards key, sequence, status and what the server answered. The probe, the
/// fallback, the logger and look-ups run outside it, so that <see cref="End"/> waits for none of them, and nothing is sent once it has returned.
/// </remarks>
internal sealed class SenderSession
{
    /// <summary>So many addresses of a name are tried at once, until one answers.</summary>
    private const int MaxTrials = 8;

    /// <summary>A look-up that <see cref="Restart"/> began may hold up a heartbeat for so long, and a quarter of an interval at most.</summary>
    private static readonly TimeSpan MaxGrace = TimeSpan.FromMilliseconds(100);

    private static long _numbers;

    private readonly HeartbeatSenderOptions _options;
    private readonly SenderGear _gear;
    private readonly HostAddresses _addresses;
    private readonly SenderLog _log;
    private readonly BeatSchedule _schedule;
    private readonly TimeSpan _grace;
    private readonly TimeSpan _expiry;
    private readonly object _lock = new();
    private readonly Confirmation _confirmation;
    private readonly Recovery _recovery;
    private HeartbeatKey _key;
    private ulong _sequence;
    private HeartbeatSenderStatus _status = new();
    private TimeSpan _lastSent;
    private bool _renews;
    private TimeSpan _graceEnds;
    private bool _wasTold;
    private volatile bool _waits;
    private volatile bool _isOver;

    /// <param name="options">What the login handed out.</param>
    /// <param name="probe">Asks the application.</param>
    /// <param name="gear">The group's.</param>
    /// <param name="addresses">Those of the options' host.</param>
    /// <param name="logger">Takes the log.</param>
    /// <param name="phase">Where in an interval the grid starts, from 0 to 1.</param>
    public SenderSession(HeartbeatSenderOptions options, HeartbeatProbe probe, SenderGear gear, HostAddresses addresses, ILogger logger, double phase)
    {
        (_options, _gear, _addresses) = (options, gear, addresses);
        _log = new SenderLog(logger, options);
        _recovery = new Recovery(gear.Socket, addresses);
        _key = new HeartbeatKey(options.Key);
        Gate = new ProbeGate(probe, options.Interval, options.Patience ?? 2 * options.Interval);
        Due = _lastSent = gear.Clock.Now;
        _confirmation = new Confirmation(options, Due);
        _schedule = new BeatSchedule(options.Interval, Due, options.Interval * phase);
        _expiry = options.Interval * (options.ExpireAfter + 1.0);
        _grace = options.Interval / 4 < MaxGrace ? options.Interval / 4 : MaxGrace;
    }

    /// <summary>Told once, on the loop's thread.</summary>
    public event Action<HeartbeatSenderStatus>? LogInAgain;

    /// <summary>Tells sessions that are due at the same moment apart.</summary>
    public long Number { get; } = Interlocked.Increment(ref _numbers);

    public ulong Id => _options.Session;

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
            TimeSpan now = _gear.Clock.Now;
            lock (_lock)
            {
                return DescribeNeedsLock(now);
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
            _graceEnds = _gear.Clock.Now + _grace;
            _confirmation.Forget();
        }

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

    /// <summary>Takes an acknowledgement, if it is for a heartbeat that was sent and is not acknowledged yet, and genuine.</summary>
    /// <param name="acknowledgement">The datagram.</param>
    /// <param name="sequence">What it claims to be for.</param>
    /// <param name="tag">The caller's own.</param>
    public bool TryTakeAcknowledgement(ReadOnlySpan<byte> acknowledgement, ulong sequence, HeartbeatTag tag)
    {
        TimeSpan now = _gear.Clock.Now;
        lock (_lock)
        {
            if (_isOver || !_confirmation.Awaits(sequence) || !tag.IsGenuine(_key, acknowledgement))
            {
                return false;
            }

            ConfirmNeedsLock(_confirmation.Answer(sequence, now), now);
            return true;
        }
    }

    /// <returns>When to call it again; sooner if the look-up that it waits for is answered.</returns>
    public TimeSpan Beat()
    {
        TimeSpan now = _gear.Clock.Now;
        if (IsInGrace(now, out TimeSpan graceEnds))
        {
            return graceEnds;
        }

        bool isSilent = !Gate.IsOpen(now);
        Exception? failure = isSilent ? null : TrySend(now);
        if (!isSilent)
        {
            _recovery.Note(now, failure is not null, IsUnanswered(now));
        }

        HeartbeatSenderStatus status = Note(now, isSilent, failure, out bool isToldNow);
        if (status.IsFallingBack)
        {
            FallBack(now);
        }

        _log.Tell(status, Gate.Patience, failure);
        if (isToldNow)
        {
            _log.TellLogInAgain(LogInAgain, status);
        }

        _schedule.Advance(_gear.Clock.Now);
        return _schedule.Due;
    }

    /// <summary>Whether to wait a little for a look-up, since what is known may just have become wrong.</summary>
    private bool IsInGrace(TimeSpan now, out TimeSpan ends)
    {
        lock (_lock)
        {
            ends = _graceEnds;
        }

        _waits = ends > now; // before the look, so that no answer is missed
        return _waits = ends > now && _addresses.IsLookingUp;
    }

    /// <returns>Why it could not be sent; null if it was, or the session is over, or its name is being looked up.</returns>
    private Exception? TrySend(TimeSpan now)
    {
        _waits = true; // before the look, so that no answer is missed
        IPAddress[] known = _addresses.Known;
        if (known.Length == 0 && _addresses.IsLookingUp)
        {
            return null;
        }

        _waits = false;
        lock (_lock)
        {
            NoteEndNeedsLock(now);
            if (_isOver)
            {
                return null;
            }

            if (_renews)
            {
                _renews = false;
                _gear.Socket.Renew();
            }

            Exception? failure = known.Length == 0 ? _addresses.Error : SendNeedsLock(now, known);
            _lastSent = failure is null ? now : _lastSent;
            _status = failure is null ? _status with { Sent = _status.Sent + 1 } : _status with { Failed = _status.Failed + 1 };
            return failure;
        }
    }

    /// <summary>Sends to the address that answers, or to all of them while none does.</summary>
    private Exception? SendNeedsLock(TimeSpan now, IPAddress[] known)
    {
        bool asks = _confirmation.NextAsks();
        IPAddress? answering = _confirmation.Address;
        if (_options.AcknowledgeEach == 0)
        {
            return SendNeedsLock(now, known[_recovery.Starts % known.Length], asks: false, isTrial: false);
        }

        if (answering is not null && known.Contains(answering) && !_confirmation.IsUnanswered(now))
        {
            return SendNeedsLock(now, answering, asks, isTrial: false);
        }

        Exception? failure = null;
        bool isSent = false;
        foreach (IPAddress address in known.Take(MaxTrials))
        {
            Exception? error = SendNeedsLock(now, address, asks: true, isTrial: known.Length > 1);
            failure ??= error;
            isSent |= error is null;
        }

        return isSent ? null : failure;
    }

    private Exception? SendNeedsLock(TimeSpan now, IPAddress address, bool asks, bool isTrial)
    {
        byte[] datagram = _gear.Datagram;
        HeartbeatDatagram.WriteHeartbeat(datagram, _options.Session, ++_sequence, asks);
        _gear.Tag.Sign(_key, datagram);
        try
        {
            if (asks)
            {
                _confirmation.Ask(_sequence, now, address, isTrial);
            }

            _gear.Socket.Send(datagram, new IPEndPoint(address, _options.Port));
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private bool IsUnanswered(TimeSpan now)
    {
        lock (_lock)
        {
            return _confirmation.IsUnanswered(now);
        }
    }

    private HeartbeatSenderStatus Note(TimeSpan now, bool isSilent, Exception? failure, out bool isToldNow)
    {
        lock (_lock)
        {
            _status = _status with
            {
                IsSilent = isSilent,
                IsFailing = failure is not null,
                IsFallingBack = _options.Fallback is not null && !isSilent && !_isOver
                    && (failure is not null || _recovery.IsUnanswered || now - _lastSent >= _options.Interval),
                LastError = Gate.Error ?? failure ?? _addresses.Error ?? _status.LastError,
            };
            HeartbeatSenderStatus status = DescribeNeedsLock(now);
            isToldNow = status.MustLogInAgain && !_wasTold && !_isOver;
            _wasTold |= isToldNow;
            return status;
        }
    }

    private void FallBack(TimeSpan now)
    {
        try
        {
            _options.Fallback!(() => ConfirmByFallback(now));
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                _status = _status with { LastError = exception };
            }
        }
    }

    private void ConfirmByFallback(TimeSpan sentAt)
    {
        TimeSpan now = _gear.Clock.Now;
        lock (_lock)
        {
            _confirmation.Hear(sentAt);
            _lastSent = sentAt > _lastSent ? sentAt : _lastSent;
            ConfirmNeedsLock(sentAt, now);
        }
    }

    /// <summary>The server has what was sent at a moment, so it keeps the session for its limit from then at least.</summary>
    private void ConfirmNeedsLock(TimeSpan sentAt, TimeSpan now)
    {
        DateTimeOffset until = _gear.Clock.UtcNow - (now - sentAt) + (_options.Interval * _options.ExpireAfter);
        _status = _status with { ConfirmedUntil = _status.ConfirmedUntil > until ? _status.ConfirmedUntil : until };
    }

    private HeartbeatSenderStatus DescribeNeedsLock(TimeSpan now)
    {
        NoteEndNeedsLock(now);
        return _status with
        {
            IsSilent = _status.IsSilent || Gate.IsOverdue(now),
            IsUnanswered = _confirmation.IsUnanswered(now),
            Acknowledged = _confirmation.Acknowledged,
            RoundTripTime = _confirmation.RoundTripTime,
            Loss = _confirmation.Loss(now),
        };
    }

    /// <summary>Over is over: a heartbeat after a standstill brings no session back, and who was told to log in again does.</summary>
    private void NoteEndNeedsLock(TimeSpan now)
    {
        if (!_isOver)
        {
            bool isExpired = _status.IsProbablyExpired || now - _lastSent >= _expiry;
            bool mustLogIn = _status.MustLogInAgain || isExpired || _confirmation.IsOver(now);
            if (isExpired != _status.IsProbablyExpired || mustLogIn != _status.MustLogInAgain)
            {
                _status = _status with { IsProbablyExpired = isExpired, MustLogInAgain = mustLogIn };
            }
        }
    }
}
