using Microsoft.Extensions.Logging;
using Presence.Udp.Receiving;

namespace Presence.Udp.Telemetry;

/// <summary>Logs what goes wrong with datagrams: for each kind the first time soon, and then one line a minute at most, with the count.</summary>
/// <remarks>Thread safety: full, but <see cref="Report"/> is for one of a listener's threads; <c>_lock</c> guards what is kept of errors in receiving.</remarks>
internal sealed class OutcomeLog(ILogger logger, TimeProvider timeProvider)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LineInterval = TimeSpan.FromMinutes(1);

    private static readonly DatagramOutcome[] Outcomes =
    [
        DatagramOutcome.Malformed, DatagramOutcome.Unknown, DatagramOutcome.Stale, DatagramOutcome.Forged, DatagramOutcome.Failed, DatagramOutcome.Dropped,
    ];

    private readonly long[] _reported = new long[Outcomes.Length];
    private readonly long?[] _reportedAt = new long?[Outcomes.Length];
    private readonly Lock _lock = new();
    private volatile Exception? _sinkError;
    private long? _receiveErrorAt;
    private long _receiveErrors;
    private long? _lookedAt;

    /// <summary>Looks at the counts once a second, however often it is called.</summary>
    public void Report(OutcomeTotals counts)
    {
        long now = timeProvider.GetTimestamp();
        if (!IsDue(_lookedAt, now, LookInterval))
        {
            return;
        }

        _lookedAt = now;
        for (int i = 0; i < Outcomes.Length; i++)
        {
            long count = counts[Outcomes[i]];
            if (count != _reported[i] && IsDue(_reportedAt[i], now, LineInterval))
            {
                Write(Outcomes[i], count - _reported[i]);
                _reported[i] = count;
                _reportedAt[i] = now;
            }
        }
    }

    /// <summary>Keeps the error for the next line about heartbeats that the sink did not take.</summary>
    public void SinkFailed(Exception exception) => _sinkError = exception;

    public void ReceiveFailed(Exception exception)
    {
        long now = timeProvider.GetTimestamp();
        long count;
        lock (_lock)
        {
            _receiveErrors++;
            if (!IsDue(_receiveErrorAt, now, LineInterval))
            {
                return;
            }

            count = _receiveErrors;
            _receiveErrors = 0;
            _receiveErrorAt = now;
        }

        Log.ReceiveFailed(logger, exception, count);
    }

    private void Write(DatagramOutcome outcome, long count)
    {
        switch (outcome)
        {
            case DatagramOutcome.Malformed:
                Log.Malformed(logger, count);
                break;
            case DatagramOutcome.Unknown:
                Log.Unknown(logger, count);
                break;
            case DatagramOutcome.Stale:
                Log.Stale(logger, count);
                break;
            case DatagramOutcome.Forged:
                Log.Forged(logger, count);
                break;
            case DatagramOutcome.Failed:
                Log.SinkFailed(logger, _sinkError, count);
                break;
            default:
                Log.Dropped(logger, count);
                break;
        }
    }

    private bool IsDue(long? last, long now, TimeSpan interval) => last is not { } then || timeProvider.GetElapsedTime(then, now) >= interval;
}
