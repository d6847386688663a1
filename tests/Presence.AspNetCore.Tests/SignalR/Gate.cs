namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>Holds up whoever comes while it is shut; at first it is open.</summary>
internal sealed class Gate
{
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    public Gate() => Open();

    public int Waiting => Volatile.Read(ref _waiting);

    public void Shut() => _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _opened.TrySetResult();

    public async Task PassAsync()
    {
        Interlocked.Increment(ref _waiting);
        await _opened.Task;
        Interlocked.Decrement(ref _waiting);
    }
}
