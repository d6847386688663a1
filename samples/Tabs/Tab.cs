using Presence;

namespace Tabs;

/// <summary>One tab of a user: a client of its own that beats once a tick until it is closed or crashes.</summary>
internal sealed class Tab : IDisposable
{
    private readonly IPresenceTracker _tracker;
    private readonly SessionId _session;
    private readonly Timer _heartbeats;

    public Tab(IPresenceTracker tracker, string user, string name, TimeSpan interval)
    {
        _tracker = tracker;
        _session = tracker.Join(name, new JoinOptions { Groups = [user] }).Session;
        _heartbeats = new Timer(_ => tracker.Heartbeat(_session), null, interval, interval);
    }

    /// <summary>It says goodbye, as a page does that is closed or loaded again.</summary>
    public void Close()
    {
        Dispose();
        _tracker.Leave(_session);
    }

    /// <summary>It says nothing any more, and nobody closes anything.</summary>
    public void Crash() => Dispose();

    public void Dispose() => _heartbeats.Dispose();
}
