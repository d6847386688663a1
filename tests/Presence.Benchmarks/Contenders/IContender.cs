namespace Presence.Benchmarks.Contenders;

/// <summary>A way to keep track of who is online, used as its users would.</summary>
internal interface IContender : IDisposable
{
    string Name { get; }

    /// <summary>Whether somebody else than the contender's own timers has to look for the dead.</summary>
    bool HasTick => true;

    void Join(string clientId);

    bool Heartbeat(string clientId);

    /// <summary>Looks for the dead, of which there are none.</summary>
    void Tick();
}
