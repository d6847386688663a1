using System.Collections.Concurrent;

namespace Presence.Udp.Client.Tests;

/// <summary>An application with an event loop of its own, which can be brought to a deadlock.</summary>
internal sealed class ApplicationLoop : IDisposable
{
    private readonly BlockingCollection<Action> _queue = [];
    private readonly ManualResetEventSlim _release = new();
    private readonly Thread _thread;

    public ApplicationLoop()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public void Post(Action work) => _queue.Add(work);

    /// <summary>Has the loop wait for something that doesn't come before <see cref="Release"/>.</summary>
    public void Deadlock() => Post(() => _release.Wait());

    public void Release() => _release.Set();

    public void Dispose()
    {
        Release();
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
        _release.Dispose();
    }

    private void Run()
    {
        foreach (Action work in _queue.GetConsumingEnumerable())
        {
            work();
        }
    }
}
