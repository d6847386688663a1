namespace Presence.NetworkTests.Host;

/// <summary>The default tick source, with a count of what each tick found and did.</summary>
/// <remarks>Thread safety: ticks come one at a time; the figures may be read from anywhere.</remarks>
internal sealed class CountingTicks(TimeSpan interval) : ITickSource
{
    private readonly TimeProviderTickSource _source = new(interval);

    /// <summary>Set before the first tick.</summary>
    public Func<int> Online { private get; set; } = () => 0;

    public long Number { get; private set; }

    public long Late { get; private set; }

    /// <summary>Ticks that came in time, times the clients that were online: how often somebody could have been expired.</summary>
    public long ClientTicks { get; private set; }

    /// <summary>The most that one tick expired.</summary>
    public int MostExpired { get; private set; }

    public IDisposable Subscribe(Action<Tick> onTick) => _source.Subscribe(tick =>
    {
        Number++;
        Late += tick.IsLate ? 1 : 0;
        int before = Online();
        ClientTicks += tick.IsLate ? 0 : before;
        onTick(tick);
        MostExpired = Math.Max(MostExpired, before - Online());
    });
}
