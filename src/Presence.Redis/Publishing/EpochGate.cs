namespace Presence.Redis.Publishing;

/// <summary>The epoch to publish under; while there is none, publishing waits here.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class EpochGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<string> _epoch = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsClosed => !Volatile.Read(ref _epoch).Task.IsCompleted;

    public Task<string> WaitAsync(CancellationToken cancellationToken) => Volatile.Read(ref _epoch).Task.WaitAsync(cancellationToken);

    public void Open(string epoch)
    {
        lock (_lock)
        {
            if (!_epoch.TrySetResult(epoch))
            {
                _epoch = new TaskCompletionSource<string>();
                _epoch.SetResult(epoch);
            }
        }
    }

    /// <summary>Closes it if it is open for an epoch.</summary>
    public void Close(string epoch)
    {
        lock (_lock)
        {
            if (_epoch.Task.IsCompletedSuccessfully && _epoch.Task.Result == epoch)
            {
                _epoch = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
