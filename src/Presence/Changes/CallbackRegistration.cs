namespace Presence.Changes;

/// <summary>One of the host's callbacks, and what it wants to be told.</summary>
/// <remarks>Thread safety: full.</remarks>
internal sealed class CallbackRegistration(PresenceChanges kinds, Func<PresenceChange, ValueTask> callback, IDisposable registration) : IDisposable
{
    private volatile bool _disposed;

    public bool Wants(PresenceChanges kind) => (kinds & kind) != 0;

    /// <summary>Tells the callback of a change, unless it is to be told no more.</summary>
    public ValueTask TellAsync(in PresenceChange change) => _disposed ? ValueTask.CompletedTask : callback(change);

    /// <summary>Runs the callback no more. One that has begun goes on.</summary>
    public void Dispose()
    {
        _disposed = true;
        registration.Dispose();
    }
}
