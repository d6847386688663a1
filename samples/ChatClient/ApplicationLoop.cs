using System.Threading.Channels;

namespace ChatClient;

/// <summary>The application loop: whatever the program does, it does here, one thing after another.</summary>
/// <remarks>
/// Heartbeats go out only while this loop serves what is posted to it. Those of a timer or a thread alone would go on while the program hangs,
/// and tell the server that all is well.
/// <para>Thread safety: any thread may post.</para>
/// </remarks>
internal sealed class ApplicationLoop
{
    private readonly Channel<Func<Task>> _work = Channel.CreateBounded<Func<Task>>(100);

    public async Task RunAsync()
    {
        await foreach (Func<Task> work in _work.Reader.ReadAllAsync())
        {
            await work();
        }
    }

    /// <summary>Posts work without waiting.</summary>
    /// <returns>Whether there was room for it.</returns>
    public bool TryPost(Func<Task> work) => _work.Writer.TryWrite(work);

    /// <summary>Posts work, and waits until there is room for it.</summary>
    public async Task PostAsync(Func<Task> work) => await _work.Writer.WriteAsync(work);

    /// <summary>Has the loop do something, and waits until it is done. In a loop that hangs it never is.</summary>
    public async Task<T> DoAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(() =>
        {
            done.SetResult(work());
            return Task.CompletedTask;
        });
        return await done.Task;
    }

    /// <summary>Asks the loop whether it is alive: the answer comes in its turn, and nobody waits for it here.</summary>
    public void Probe(Action answer) => _ = PostAsync(() =>
    {
        answer();
        return Task.CompletedTask;
    });

    /// <summary>The classic deadlock: the loop waits for work that only the loop could do.</summary>
    public Task Freeze()
    {
        DoAsync(() => true).Wait();
        return Task.CompletedTask;
    }
}
