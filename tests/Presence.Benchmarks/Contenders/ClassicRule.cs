namespace Presence.Benchmarks.Contenders;

/// <summary>A count per client in a dictionary under a lock: each tick adds 1 to all, a heartbeat subtracts 1.</summary>
internal sealed class ClassicRule : IContender
{
    private const int Limit = int.MaxValue - 1; // so that nobody dies while the benchmark runs

    private readonly Dictionary<string, int> _counts = [];
    private readonly Lock _gate = new();

    public string Name => "classic rule";

    public void Join(string clientId)
    {
        lock (_gate)
        {
            _counts[clientId] = 0;
        }
    }

    public bool Heartbeat(string clientId)
    {
        lock (_gate)
        {
            if (!_counts.TryGetValue(clientId, out int count))
            {
                return false;
            }

            _counts[clientId] = Math.Max(count - 1, -1);
            return true;
        }
    }

    public void Tick()
    {
        lock (_gate)
        {
            List<string> dead = [];
            foreach ((string clientId, int count) in _counts)
            {
                _counts[clientId] = count + 1;
                if (count + 1 > Limit)
                {
                    dead.Add(clientId);
                }
            }

            foreach (string clientId in dead)
            {
                _counts.Remove(clientId);
            }
        }
    }

    public void Dispose()
    {
        // Holds nothing but memory.
    }
}
