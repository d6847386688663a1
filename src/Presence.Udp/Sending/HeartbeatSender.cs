using System.Net;
using System.Runtime.Intrinsics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Udp.Sending;
using Presence.Udp.Telemetry;

namespace Presence.Udp;

/// <summary>Sends a client's heartbeats over UDP, for as long as its application answers.</summary>
/// <remarks>
/// <para>It has a thread of its own, so neither a busy thread pool nor a deadlocked application disturbs it. But a heartbeat says that the
/// application is alive, not that a thread is: it is sent only if the last probe was served, or has not waited for <see cref="HeartbeatSenderOptions.Patience"/>.</para>
/// <para>The first heartbeat is sent at once, the others on a grid that starts at random within an interval and does not drift.</para>
/// <para>Thread safety: every member may be called from any thread.</para>
/// </remarks>
public sealed class HeartbeatSender : IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly HeartbeatSenderOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly HeartbeatTag _tag = new();
    private readonly HeartbeatChannel _channel;
    private readonly ProbeGate _gate;
    private readonly BeatSchedule _schedule;
    private readonly TimeSpan _expiry;
    private readonly long _start;
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly Thread _thread;
    private Vector256<byte> _key;
    private ulong _sequence;
    private TimeSpan _lastSent;
    private bool _isFailing;
    private volatile bool _restart;
    private volatile HeartbeatSenderStatus _status = new();
    private int _disposed;

    /// <summary>Makes a sender, and starts it.</summary>
    /// <param name="options">What the login handed out. Copied.</param>
    /// <param name="probe">Asks the application; <see cref="HeartbeatProbes"/> has the common ones.</param>
    /// <param name="timeProvider">The clock, whose timestamps must move as real time does; null for <see cref="TimeProvider.System"/>.</param>
    /// <param name="logger">Takes the log; null for none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> or <paramref name="probe"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    public HeartbeatSender(HeartbeatSenderOptions options, HeartbeatProbe probe, TimeProvider? timeProvider = null, ILogger<HeartbeatSender>? logger = null)
        : this(options, probe, timeProvider, logger, Dns.GetHostAddresses)
    {
    }

    internal HeartbeatSender(
        HeartbeatSenderOptions options, HeartbeatProbe probe, TimeProvider? timeProvider, ILogger<HeartbeatSender>? logger, Func<string, IPAddress[]> resolve)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(probe);
        ThrowIfInvalid(options);
        _options = options;
        _key = Vector256.Create(options.Key);
        _timeProvider = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<HeartbeatSender>.Instance;
        _channel = new HeartbeatChannel(options.Host, options.Port, resolve);
        _gate = new ProbeGate(probe, options.Interval, options.Patience ?? 2 * options.Interval);
        _schedule = new BeatSchedule(options.Interval, options.Interval * Random.Shared.NextDouble());
        _expiry = options.Interval * (options.ExpireAfter + 1.0);
        _start = _timeProvider.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "Presence heartbeats" };
        _thread.Start();
    }

    /// <summary>How the sender is doing.</summary>
    public HeartbeatSenderStatus Status => _status;

    /// <summary>
    /// Has the next heartbeat sent from a new socket, and the server's name resolved again. It does so by itself when sending fails; call
    /// this when the server says, over the business connection, that heartbeats do not arrive.
    /// </summary>
    public void Restart() => _restart = true;

    /// <summary>Stops, within a second even if the probe or the resolving of a name blocks. The copy of the key is wiped when that is done.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _stop.Set();
        }

        if (Thread.CurrentThread != _thread)
        {
            _thread.Join(StopTimeout);
        }
    }

    private static void ThrowIfInvalid(HeartbeatSenderOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Host);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Port, IPEndPoint.MaxPort);
        ArgumentNullException.ThrowIfNull(options.Key);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.Key.Length, KeyedSession.KeyLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Interval, PresenceOptions.MinTickInterval);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Interval, PresenceOptions.MaxTickInterval);
        if (options.Patience is { } patience)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(patience, options.Interval, nameof(options.Patience));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(patience, PresenceOptions.MaxTickInterval, nameof(options.Patience));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.ExpireAfter, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.ExpireAfter, PresenceOptions.MaxExpireAfter);
    }

    private void Run()
    {
        do
        {
            TimeSpan now = Elapsed();
            if (now >= _schedule.Due)
            {
                TryBeat(now);
                _schedule.Advance(Elapsed());
            }
        }
        while (!_stop.WaitOne(UntilDue()));

        _key = default;
        _channel.Dispose();
        _tag.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Elapsed() => _timeProvider.GetElapsedTime(_start);

    /// <summary>Whole milliseconds, rounded up: a wait takes no others.</summary>
    private TimeSpan UntilDue() => TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((_schedule.Due - Elapsed()).TotalMilliseconds)));

    private void TryBeat(TimeSpan now)
    {
        try
        {
            Beat(now);
        }
        catch (Exception)
        {
            // All that can throw is a logger, and that is no reason to fall silent.
        }
    }

    private void Beat(TimeSpan now)
    {
        bool wasSilent = _status.IsSilent;
        bool isSilent = !_gate.IsOpen(now);
        HeartbeatSenderStatus status = isSilent ? _status : Send(now);
        _status = status with
        {
            LastError = _gate.Error ?? status.LastError,
            IsSilent = isSilent,
            IsProbablyExpired = now - _lastSent >= _expiry,
        };

        if (isSilent && !wasSilent)
        {
            Log.FellSilent(_logger, _gate.Patience, _options.Session);
        }
        else if (wasSilent && !isSilent)
        {
            Log.Resumed(_logger);
        }
    }

    private HeartbeatSenderStatus Send(TimeSpan now)
    {
        Span<byte> datagram = stackalloc byte[HeartbeatDatagram.Length];
        HeartbeatDatagram.Write(datagram, _options.Session, ++_sequence);
        _tag.Sign(_key, datagram);
        try
        {
            if (_restart)
            {
                _restart = false;
                _channel.Restart();
            }

            _channel.Send(datagram);
        }
        catch (Exception exception)
        {
            ReportFailure(exception);
            return _status with { Failed = _status.Failed + 1, LastError = exception };
        }

        ReportSuccess();
        _lastSent = now;
        return _status with { Sent = _status.Sent + 1 };
    }

    private void ReportFailure(Exception exception)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            Log.SendFailed(_logger, exception, _options.Host, _options.Port);
        }
    }

    private void ReportSuccess()
    {
        if (_isFailing)
        {
            _isFailing = false;
            Log.SendRecovered(_logger);
        }
    }
}
