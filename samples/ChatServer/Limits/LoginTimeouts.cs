using Microsoft.Extensions.Options;

namespace ChatServer;

/// <summary>Dismisses the connections that have not logged in by then: first come, first go, and few at a time.</summary>
/// <remarks>
/// <para>A silent connection costs some memory and nothing else. What costs is to close it, and that its stranger comes again: thousands that came at once would
/// go at once, and users would wait meanwhile. So a flood of them is closed at a steady rate, some of them late.</para>
/// <para>Thread safety: all of it may be called from any thread.</para>
/// </remarks>
internal sealed class LoginTimeouts(IOptions<ChatOptions> options, TimeProvider timeProvider) : BackgroundService
{
    private const int PerInterval = 5; // 50 a second

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new(); // guards the list
    private readonly LinkedList<(ChatConnection Client, long Since)> _waiting = new(); // one limit for all, so the first is always the next to go

    public LinkedListNode<(ChatConnection Client, long Since)> Start(ChatConnection client)
    {
        lock (_gate)
        {
            return _waiting.AddLast((client, timeProvider.GetTimestamp()));
        }
    }

    /// <summary>Forgets a connection at once, so that those that come and go are not kept for as long as the limit.</summary>
    public void Stop(LinkedListNode<(ChatConnection Client, long Since)> waiting)
    {
        lock (_gate)
        {
            if (waiting.List is not null) // it is there no more if it was dismissed
            {
                _waiting.Remove(waiting);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            for (int i = 0; i < PerInterval && TakeOverdue() is { } client; i++)
            {
                client.SayGoodbye(Errors.LoginTimeout);
                client.Close();
            }
        }
    }

    private ChatConnection? TakeOverdue()
    {
        lock (_gate)
        {
            if (_waiting.First is not { } first || timeProvider.GetElapsedTime(first.Value.Since) < options.Value.LoginTimeout)
            {
                return null;
            }

            _waiting.Remove(first);
            return first.Value.Client;
        }
    }
}
