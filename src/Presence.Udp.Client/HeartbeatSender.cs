using System.Net;
using Microsoft.Extensions.Logging;
using Presence.Udp.Sending;

namespace Presence.Udp;

/// <summary>Sends a client's heartbeats over UDP, for as long as its application answers.</summary>
/// <remarks>
/// <para>It has a thread of its own, or its group's, so neither a busy thread pool nor a deadlocked application disturbs it. But a heartbeat says that the
/// application is alive, not that a thread is: it is sent only if the last probe was served, or has not waited for <see cref="Patience"/>.</para>
/// <para>The first heartbeat is sent at once, the others on a grid that starts at random within an interval and does not drift.</para>
/// <para>Thread safety: every member may be called from any thread, also from the probe.</para>
/// </remarks>
public sealed class HeartbeatSender : IDisposable
{
    private readonly HeartbeatSenderGroup _group;
    private readonly SenderSession _session;
    private readonly bool _ownsGroup;

    /// <summary>Makes a sender with a thread and a socket of its own, and starts it.</summary>
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
        HeartbeatSenderGroup.ThrowIfInvalid(options, probe);
        _group = new HeartbeatSenderGroup(timeProvider, logger, resolve);
        _session = _group.Start(options, probe);
        _ownsGroup = true;
    }

    internal HeartbeatSender(HeartbeatSenderGroup group, SenderSession session) => (_group, _session) = (group, session);

    /// <summary>
    /// Told once, when <see cref="HeartbeatSenderStatus.MustLogInAgain"/> comes true at a heartbeat that is due. It runs on the sender's thread, so it returns at once; what it throws is
    /// logged. Whoever subscribes late looks at <see cref="Status"/>.
    /// </summary>
    public event Action<HeartbeatSenderStatus>? LogInAgain
    {
        add => _session.LogInAgain += value;
        remove => _session.LogInAgain -= value;
    }

    /// <summary>How the sender is doing, at this moment.</summary>
    public HeartbeatSenderStatus Status => _session.Status;

    /// <summary>
    /// How long a probe may wait for the application's answer before the sender falls silent, as <see cref="HeartbeatSenderOptions.Patience"/> was at first. It
    /// may be changed at any time, such as for as long as a level loads, and is in force from the next heartbeat on.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of the range of the option.</exception>
    public TimeSpan Patience
    {
        get => _session.Gate.Patience;
        set
        {
            HeartbeatSenderOptions.ThrowIfNoPatience(value, _session.Interval);
            _session.Gate.Patience = value;
        }
    }

    /// <summary>
    /// Has heartbeats sent from a new socket, to what the server's name stands for now. The name is looked up at once; heartbeats go to the addresses known so
    /// far only until that is answered; a look-up that fails is repeated until it is. It does so by itself when sending fails or the server stops answering; call this when the host knows earlier, such as of a new network.
    /// </summary>
    public void Restart() => _session.Restart();

    /// <summary>
    /// Stops at once: when this has returned, nothing is sent any more, whatever the probe or a look-up does meanwhile, and the copy of the key is wiped. A
    /// probe that has begun goes on.
    /// </summary>
    public void Dispose()
    {
        _group.End(_session);
        if (_ownsGroup)
        {
            _group.Dispose();
        }
    }
}
