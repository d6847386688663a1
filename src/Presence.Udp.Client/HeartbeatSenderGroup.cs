using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Udp.Sending;

namespace Presence.Udp;

/// <summary>Senders that share a thread and a socket: for gateways and load generators, which have thousands of clients in one process.</summary>
/// <remarks>
/// All probes run on that thread, so one that blocks holds up all senders of the group. Thread safety: every member may be called from any thread,
/// also from a probe.
/// </remarks>
public sealed class HeartbeatSenderGroup : IDisposable
{
    private readonly SenderGear _gear;
    private readonly ILogger _logger;
    private readonly Func<string, IPAddress[]> _resolve;
    private readonly BeatLoop _loop;
    private readonly Random _random = new();
    private readonly HeartbeatTag _tag = new(); // the receive thread's; a second one waits for the lock
    private readonly object _lock = new(); // guards the three below, and the random numbers
    private readonly Dictionary<ulong, List<SenderSession>> _sessions = []; // several servers may give the same id
    private readonly Dictionary<string, (HostAddresses Addresses, int Users)> _hosts = [];
    private bool _disposed;

    /// <summary>Makes an empty group, and its thread.</summary>
    /// <param name="timeProvider">The clock, whose timestamps must move as real time does; null for <see cref="TimeProvider.System"/>.</param>
    /// <param name="logger">Takes the senders' log; null for none.</param>
    public HeartbeatSenderGroup(TimeProvider? timeProvider = null, ILogger<HeartbeatSender>? logger = null)
        : this(timeProvider, logger, Dns.GetHostAddresses)
    {
    }

    internal HeartbeatSenderGroup(TimeProvider? timeProvider, ILogger<HeartbeatSender>? logger, Func<string, IPAddress[]> resolve)
    {
        var clock = new SenderClock(timeProvider ?? TimeProvider.System);
        _gear = new SenderGear(clock, new SenderSocket(OnDatagram));
        _logger = logger ?? NullLogger<HeartbeatSender>.Instance;
        _resolve = resolve;
        _loop = new BeatLoop(clock);
    }

    /// <summary>How many senders there are that are not disposed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Values.Sum(sessions => sessions.Count);
            }
        }
    }

    /// <summary>Makes a sender, and starts it. It leaves the group when it is disposed.</summary>
    /// <param name="options">What the login handed out. Copied.</param>
    /// <param name="probe">Asks the application. It must not block, or all senders of the group fall silent.</param>
    /// <returns>The sender.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> or <paramref name="probe"/> is null.</exception>
    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    /// <exception cref="ObjectDisposedException">The group is disposed.</exception>
    public HeartbeatSender Add(HeartbeatSenderOptions options, HeartbeatProbe probe)
    {
        ThrowIfInvalid(options, probe);
        return new HeartbeatSender(this, Start(options, probe));
    }

    /// <summary>Stops all senders of the group, as <see cref="HeartbeatSender.Dispose"/> does.</summary>
    public void Dispose()
    {
        SenderSession[] sessions;
        lock (_lock)
        {
            _disposed = true;
            sessions = [.. _sessions.Values.SelectMany(session => session)];
            _sessions.Clear();
            foreach ((HostAddresses addresses, _) in _hosts.Values)
            {
                addresses.Dispose();
            }

            _hosts.Clear();
        }

        foreach (SenderSession session in sessions)
        {
            session.End();
        }

        _loop.Dispose();
        _gear.Socket.Dispose();
    }

    internal static void ThrowIfInvalid(HeartbeatSenderOptions options, HeartbeatProbe probe)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(probe);
        options.ThrowIfInvalid();
    }

    internal SenderSession Start(HeartbeatSenderOptions options, HeartbeatProbe probe)
    {
        SenderSession session;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            HostAddresses addresses = AddressesOfNeedsLock(options.Host);
            session = new SenderSession(options, probe, _gear, addresses, _logger, _random.NextDouble());
            if (!_sessions.TryGetValue(session.Id, out List<SenderSession>? same))
            {
                _sessions.Add(session.Id, same = []);
            }

            same.Add(session);
        }

        _loop.Add(session);
        return session;
    }

    internal void End(SenderSession session)
    {
        session.End();
        _loop.Remove(session);
        lock (_lock)
        {
            if (_sessions.TryGetValue(session.Id, out List<SenderSession>? same) && same.Remove(session))
            {
                ForgetNeedsLock(session, same);
            }
        }
    }

    /// <summary>Keeps nothing of what only this session used.</summary>
    private void ForgetNeedsLock(SenderSession session, List<SenderSession> same)
    {
        if (same.Count == 0)
        {
            _sessions.Remove(session.Id);
        }

        (HostAddresses addresses, int users) = _hosts[session.Host];
        _hosts[session.Host] = (addresses, users - 1);
        if (users == 1)
        {
            _hosts.Remove(session.Host);
            addresses.Dispose();
        }
    }

    /// <summary>Takes what came in at the socket: acknowledgements, or anything that a stranger made up.</summary>
    private void OnDatagram(ReadOnlySpan<byte> datagram)
    {
        if (!HeartbeatDatagram.TryReadAcknowledgement(datagram, out ulong id, out ulong sequence))
        {
            return;
        }

        lock (_tag)
        {
            foreach (SenderSession session in SessionsOf(id))
            {
                if (session.TryTakeAcknowledgement(datagram, sequence, _tag))
                {
                    return;
                }
            }
        }
    }

    private SenderSession[] SessionsOf(ulong id)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(id, out List<SenderSession>? same) ? [.. same] : [];
        }
    }

    /// <summary>Senders to one name share what it stands for.</summary>
    private HostAddresses AddressesOfNeedsLock(string name)
    {
        if (!_hosts.TryGetValue(name, out (HostAddresses Addresses, int Users) host))
        {
            host.Addresses = new HostAddresses(name, _resolve, _loop.OnAnswer);
            host.Addresses.LookUp();
        }

        _hosts[name] = (host.Addresses, host.Users + 1);
        return host.Addresses;
    }
}
