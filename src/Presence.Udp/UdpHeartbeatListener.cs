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
/// <para>One thread receives, whatever comes, until the listener is disposed. If the kernel dropped datagrams since the last tick, and clearly fewer
/// sessions beat than usually do, then heartbeats were lost here, and the tracker is told to judge nobody on this tick.</para>
/// <para>Thread safety: every member may be called from any thread, but not from the sink.</para>
/// </remarks>
public sealed class UdpHeartbeatListener : IAsyncDisposable, IDisposable
{
    /// <summary>No datagram in a receive buffer is reckoned less than this, in bytes; a heartbeat takes 832 on 64-bit Linux.</summary>
    private const int MinBytesUnread = 256;

    private readonly HeartbeatKeys _keys;
    private readonly IPEndPoint _endPoint;
    private readonly int _askedBuffer;
    private readonly ILogger _logger;
    private readonly Socket _socket;
    private readonly KernelDrops _drops;
    private readonly BeatCensus _census = new();
    private readonly HeartbeatLoss _loss = new();
    private readonly UdpMetrics _metrics;
    private readonly HeartbeatVerifier _verifier;
    private readonly DatagramChannel _channel;
    private readonly ReceiveLoop _loop;
    private readonly Lock _changing = new(); // guards the two below
    private IDisposable? _guard; // once started
    private Task? _disposal;
    private long _beatingAtLastTick;

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
        : this(sink, keys, options, timeProvider, logger, meterFactory, DatagramChannel.Create)
    {
    }

    internal UdpHeartbeatListener(
        IHeartbeatSink sink,
        HeartbeatKeys keys,
        UdpHeartbeatOptions? options,
        TimeProvider? timeProvider,
        ILogger<UdpHeartbeatListener>? logger,
        IMeterFactory? meterFactory,
        Func<Socket, DatagramChannel> createChannel)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(keys);
        options ??= new UdpHeartbeatOptions();
        UdpHeartbeatOptionsValidator.ThrowIfInvalid(options);
        _keys = keys;
        _askedBuffer = options.ReceiveBufferSize;
        _logger = logger ?? NullLogger<UdpHeartbeatListener>.Instance;
        (_socket, _endPoint) = HeartbeatSocket.Create(options);
        _drops = new KernelDrops(_socket);
        _verifier = new HeartbeatVerifier(sink, keys, _census);
        _channel = createChannel(_socket);
        Counts = new OutcomeCounts(_drops);
        _metrics = new UdpMetrics(meterFactory, Counts);
        _loop = new ReceiveLoop(
            _channel, _verifier, Counts, new OutcomeLog(_logger, timeProvider ?? TimeProvider.System), _socket.ReceiveBufferSize / MinBytesUnread);
    }

    /// <summary>Where it listens, with the port that the system chose if none was given; null before <see cref="Start"/>.</summary>
    /// <exception cref="ObjectDisposedException">The listener is disposed.</exception>
    public IPEndPoint? LocalEndPoint => (IPEndPoint?)_socket.LocalEndPoint;

    internal OutcomeCounts Counts { get; }

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

            Bind();
            _guard = _keys.Tracker.AddTickGuard(AreHeartbeatsLost);
            _loop.Start();
        }

        int granted = HeartbeatSocket.GrantedBuffer(_socket);
        Log.Listening(_logger, LocalEndPoint!, _channel.Name, granted);
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
        long beating = _verifier.Beating;
        _census.Next();
        bool isLost = _loss.IsLost(beating - _beatingAtLastTick, _keys.Count, haveDropped);
        _beatingAtLastTick = beating;
        return isLost;
    }

    private void Bind()
    {
        try
        {
            _socket.Bind(_endPoint);
        }
        catch (SocketException exception)
        {
            throw new SocketException(
                (int)exception.SocketErrorCode,
                $"Heartbeats cannot be received on UDP {_endPoint}: {exception.Message}. "
                + $"Set {nameof(UdpHeartbeatOptions)}.{nameof(UdpHeartbeatOptions.EndPoint)} to an address of this machine and a port that is free, or 0 for any.");
        }
    }

    private async Task StopAsync(IDisposable? guard)
    {
        if (guard is not null)
        {
            await _loop.StopAsync().ConfigureAwait(false);
            guard.Dispose();
        }

        _metrics.Dispose();
        _ = _drops.Total; // it remembers what it reads, and can't after this
        _socket.Dispose();
        _verifier.Dispose();
    }
}
