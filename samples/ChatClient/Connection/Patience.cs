namespace ChatClient;

/// <summary>Waits for a server, but not for ever: what answers at a port may be anything, and say nothing.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <exception cref="LinkException">Nothing came in time.</exception>
    public static async Task<T> WaitAsync<T>(Arguments arguments, Func<CancellationToken, Task<T>> wait, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(Limit);
        try
        {
            return await wait(limit.Token);
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            throw new LinkException(Words.NoAnswer(arguments, Limit));
        }
    }
}
