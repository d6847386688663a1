using Akka.Remote;

namespace Presence.Benchmarks.Contenders;

/// <summary>Akka.NET's registry of <see cref="DeadlineFailureDetector"/>, asked about every client at each tick.</summary>
internal sealed class AkkaDeadline : IContender
{
    private readonly DefaultFailureDetectorRegistry<string> _registry =
        new(() => new DeadlineFailureDetector(acceptableHeartbeatPause: TimeSpan.FromHours(1), heartbeatInterval: TimeSpan.FromSeconds(1)));

    private readonly List<string> _clients = [];

    public string Name => "Akka.NET";

    public void Join(string clientId)
    {
        _clients.Add(clientId);
        _registry.Heartbeat(clientId);
    }

    public bool Heartbeat(string clientId)
    {
        _registry.Heartbeat(clientId);
        return true;
    }

    public void Tick()
    {
        foreach (string clientId in _clients)
        {
            if (!_registry.IsAvailable(clientId))
            {
                throw new InvalidOperationException($"{clientId} is dead within the hour.");
            }
        }
    }

    public void Dispose()
    {
        // Holds nothing but memory.
    }
}
