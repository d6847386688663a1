namespace Presence;

/// <summary>Where a tracker's time comes from. It pushes ticks, and measures whether they come in time.</summary>
/// <remarks>Thread safety: implementations may be subscribed to from any thread, and never push two ticks at once to one subscriber.</remarks>
public interface ITickSource
{
    /// <summary>Starts to push ticks.</summary>
    /// <param name="onTick">Takes each tick. It returns soon and does not throw.</param>
    /// <returns>Dispose it to stop. A tick that is being pushed meanwhile may still end after that.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="onTick"/> is null.</exception>
    IDisposable Subscribe(Action<Tick> onTick);
}
