namespace Presence.Guards;

/// <summary>Keeps pauses and verdicts apart: while there is a pause nobody is judged, also not by a tick or an answer that came just before it.</summary>
/// <remarks>Thread safety: full. <c>_judging</c> is held while somebody is judged; no user code runs under it.</remarks>
internal sealed class ExpiryPauses
{
    private readonly Registrations<object> _pauses = new();
    private readonly Lock _judging = new();

    public bool Any => _pauses.Current.Length > 0;

    /// <summary>Starts a pause. When it returns, whoever was judging is through.</summary>
    /// <returns>Dispose it to end the pause.</returns>
    public IDisposable Start()
    {
        IDisposable pause = _pauses.Add(new object());
        lock (_judging)
        {
            return pause;
        }
    }

    /// <summary>Lets the caller judge until it calls <see cref="Exit"/>, unless there is a pause.</summary>
    public bool TryEnter()
    {
        _judging.Enter();
        if (!Any)
        {
            return true;
        }

        _judging.Exit();
        return false;
    }

    public void Exit() => _judging.Exit();
}
