using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Reconnect;

/// <summary>
/// Clients whose connection dies at the moment in which they log in anew on another. A while later the new session must be there, and does or does not
/// serve them.
/// </summary>
internal sealed class ReconnectTrial(ReconnectCase trial, int rounds, int seed, CancellationToken cancellationToken)
{
    private const int Clients = 32;
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(30);

    private int _roundsLeft = rounds;
    private int _destroyed;

    /// <returns>How many new sessions were destroyed.</returns>
    public async Task<int> RunAsync()
    {
        using Child server = trial.Start();
        int port = await server.ReadPortAsync(cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(
            () => ReconnectAsync(port, $"client{i}", new Random(seed + i)), cancellationToken)));
        return _destroyed;
    }

    private async Task ReconnectAsync(int port, string id, Random random)
    {
        ReconnectConnection current = await LogInAsync(port, id);
        while (Interlocked.Decrement(ref _roundsLeft) >= 0)
        {
            ReconnectConnection next = await ConnectAsync(port, id);
            Collide(current, next, random);
            bool isThere = await next.IsWelcomeAsync();
            await PauseAsync();
            if (!isThere || !await next.IsServedAsync())
            {
                Interlocked.Increment(ref _destroyed);
                next.Dispose();
                next = await LogInAsync(port, id);
            }

            current.Dispose();
            current = next;
        }

        current.Dispose();
    }

    /// <summary>Has the old connection die and the new one log in, one right after the other, in either order, and the death be a FIN or a reset.</summary>
    private static void Collide(ReconnectConnection old, ReconnectConnection next, Random random)
    {
        bool byReset = random.Next(2) == 0;
        if (random.Next(2) == 0)
        {
            old.Die(byReset);
            next.SendLogin();
        }
        else
        {
            next.SendLogin();
            old.Die(byReset);
        }
    }

    private async Task<ReconnectConnection> LogInAsync(int port, string id)
    {
        await PauseAsync(); // nothing of a former round is under way any more
        ReconnectConnection connection = await ConnectAsync(port, id);
        connection.SendLogin();
        return await connection.IsWelcomeAsync() ? connection : throw new IOException($"{id} cannot log in, though nothing interferes.");
    }

    private async Task<ReconnectConnection> ConnectAsync(int port, string id) => trial.Speak(await ReconnectConnection.ConnectAsync(port, cancellationToken), id);

    private Task PauseAsync() => Task.Delay(Settling, TimeProvider.System, cancellationToken);
}
