using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Presence.Udp.Receiving;
using Presence.Udp.Telemetry;

namespace Presence.Udp;

/// <summary>Receives heartbeats over UDP, and puts those that are genuine and newer into a sink. Of those it acknowledges the ones that ask
/// for it; nothing else is ever answered.</summary>
/// <remarks>
/// <para>A few threads receive, whatever comes, until the listener is disposed. If the kernel dropped datagrams since the last tick, and clearly fewer
/// sessions beat than usually do, then heartbeats were lost here, and the tracker is told to judge nobody on this tick.</para>
/// <para>Thread safety: every member may be called from any thread, but not from the sink.</para>
/// </remarks>
public sealed class UdpHeartbeatListener : IAsyncDisposable, IDisposable
{
    /// <summary>No datagram in a receive buffer is reckoned less than this, in bytes; a heartbeat takes 832 on 64-bit Linux.</summary>
    private const int MinBytesUnread = 256;

    private const int MaxDefaultThreads = 4;

    private readonly HeartbeatKeys _keys;
    private readonly int _askedBuffer;
    private readonly ILogger _logger;
    private readonly HeartbeatSockets _sockets;
    private readonly KernelDrops _drops;
    private readonly BeatCensus _census = new();
    private readonly HeartbeatLoss _loss = new();
    private readonly UdpMetrics _metrics;
    private readonly HeartbeatVerifier[] _verifiers;
    private readonly ReceiveLoop[] _loops;
    private readonly string _channelName;
    private readonly Lock _changing = new(); // guards the two below
    private IDisposable? _guard; // once started
    private Task? _disposal;
    private long _beatingAtLastTick; // the tick's

    /// <summary>Makes a listener, which is yet to be started.</summary>
    /// <param name="sink">Takes the heartbeats; mostly the tracker that the keys belong to.</param>
    /// <param name="keys">Whose heartbeats are accepted.</param>
    /// <param name="options">How to receive; null for the defaults. Copied.</param>
    /// <param name="timeProvider">The clock that limits the log to a line a minute; null for <see cref="TimeProvider.System"/>.</param>
    /// <param name="logger">Takes the log; null for none.</param>
    /// <param name="meterFactory">Makes the meter named <c>Presence.Udp</c>; null for one of the listener's own.</param>
    /// <exception cref="ArgumentNullException"><paramref name="sink"/> or <paramref name="keys"/> is null.</exception>
    /// <exception cref="OptionsValidationException">An option is out of range; the message says which, what it is and what it may be.</exception>
    /// <exception cref="SocketException">The system has no such sockets.</exception>
    public UdpHeartbeatListener(
        IHeartbeatSink sink,
        HeartbeatKeys keys,
        UdpHeartbeatOptions? options = null,
        TimeProvider? timeProvider = null,
        ILogger<UdpHeartbeatListener>? logger = null,
        IMeterFactory? meterFactory = null)
        : this(sink, keys, options, timeProvider, logger, meterFactory, ReceivePlatform.Current)
    {
    }

    internal UdpHeartbeatListener(
        IHeartbeatSink sink,
        HeartbeatKeys keys,
        UdpHeartbeatOptions? options,
        TimeProvider? timeProvider,
        ILogger<UdpHeartbeatListener>? logger,
        IMeterFactory? meterFactory,
        ReceivePlatform platform)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(keys);
        options ??= new UdpHeartbeatOptions();
        UdpHeartbeatOptionsValidator.ThrowIfInvalid(options);
        _keys = keys;
        _askedBuffer = options.ReceiveBufferSize;
        _logger = logger ?? NullLogger<UdpHeartbeatListener>.Instance;
        int threads = options.ReceiveThreads ?? Math.Min(Environment.ProcessorCount, MaxDefaultThreads);
        _sockets = new HeartbeatSockets(options, platform.HasSocketPerThread ? threads : 1, platform.HasFilter);
        _drops = new KernelDrops(_sockets.All);
        DatagramChannel[] channels = [.. Enumerable.Range(0, threads).Select(i => platform.CreateChannel(_sockets.All[i % _sockets.All.Count]))];
        OutcomeCounts[] counts = [.. channels.Select(static _ => new OutcomeCounts())];
        Counts = new OutcomeTotals(counts, _drops);
        _verifiers = [.. counts.Select(count => new HeartbeatVerifier(sink, keys, _census, count))];
        var log = new OutcomeLog(_logger, timeProvider ?? TimeProvider.System);
        int maxUnread = _sockets.First.ReceiveBufferSize / MinBytesUnread;
        _loops = [.. channels.Select((channel, i) => new ReceiveLoop(channel, _verifiers[i], counts[i], log, i == 0 ? () => log.Report(Counts) : null, maxUnread))];
        _channelName = channels[0].Name + (_sockets.IsFiltered ? ", garbage filtered by the kernel" : "");
        _metrics = new UdpMetrics(meterFactory, Counts);
    }

    /// <summary>Where it listens, with the port that the system chose if none was given; null before <see cref="Start"/>.</summary>
    /// <exception cref="ObjectDisposedException">The listener is disposed.</exception>
    public IPEndPoint? LocalEndPoint => (IPEndPoint?)_sockets.First.LocalEndPoint;

    internal OutcomeTotals Counts { get; }

    /// <summary>Binds the endpoint and starts to receive.</summary>
    /// <exception cref="SocketException">
    /// The endpoint cannot be bound, such as when its port is taken; the message says which and what to do. Dispose of the listener then.
    /// </exception>
    /// <exception cref="InvalidOperationException">The listener was started before.</exception>
    /// <exception cref="ObjectDisposedException">The listener or the keys' tracker is disposed.</exception>
    public void Start()
    {
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            if (_guard is not null)
            {
                throw new InvalidOperationException("The listener was started before. Start it once.");
            }

            _sockets.Bind();
            _guard = _keys.Tracker.AddTickGuard(AreHeartbeatsLost);
            foreach (ReceiveLoop loop in _loops)
            {
                loop.Start();
            }
        }

        int granted = HeartbeatSocket.GrantedBuffer(_sockets.First);
        Log.Listening(_logger, LocalEndPoint!, _loops.Length, _channelName, granted);
        if (granted < _askedBuffer)
        {
            string remedy = OperatingSystem.IsLinux()
                ? $"Raise it: sysctl -w net.core.rmem_max={_askedBuffer}"
                : "Raise the system's limit for socket buffers.";
            Log.BufferTooSmall(_logger, granted, _askedBuffer, remedy);
        }
    }

    /// <summary>Stops, within about 0.1 s, after all that was received until now has been put into the sink. A second call waits for the first.</summary>
    /// <returns>A task that completes when the port is free.</returns>
    public ValueTask DisposeAsync()
    {
        lock (_changing)
        {
            return new ValueTask(_disposal ??= StopAsync(_guard));
        }
    }

    /// <summary>Does what <see cref="DisposeAsync"/> does, and blocks until it is done.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Whether heartbeats were lost here since the last call. Called once a tick.</summary>
    internal bool AreHeartbeatsLost()
    {
        bool haveDropped = _drops.HaveMoved();
        long beating = Counts.Beating;
        _census.Next();
        bool isLost = _loss.IsLost(beating - _beatingAtLastTick, _keys.Count, haveDropped);
        _beatingAtLastTick = beating;
        return isLost;
    }

    private async Task StopAsync(IDisposable? guard)
    {
        if (guard is not null)
        {
            await Task.WhenAll(_loops.Select(static loop => loop.StopAsync())).ConfigureAwait(false);
            guard.Dispose();
        }

        _metrics.Dispose();
        _ = _drops.Total; // it remembers what it reads, and can't after this
        _sockets.Dispose();
        foreach (HeartbeatVerifier verifier in _verifiers)
        {
            verifier.Dispose();
        }
    }
}
