using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Freeze;

/// <summary>
/// One server is stopped and continued, while its clients in another process beat on and some, in a third, die: they are stopped for good, so that no
/// heartbeat comes, and no FIN either.
/// </summary>
internal sealed class FreezeTrial(FreezeCase trial, CancellationToken cancellationToken)
{
    private const string Living = "living";
    private const string Dying = "dying";
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3); // before the freeze, so that everyone has been heard; and after all, for a late verdict

    private readonly ConcurrentDictionary<string, long> _gone = new(); // when the server said so
    private readonly int _dying = Math.Min(100, trial.Clients / 10);
    private readonly TaskCompletionSource _allNoticed = new(TaskCreationOptions.RunContinuationsAsynchronously); // all of those that died

    public async Task<FreezeOutcome> RunAsync()
    {
        using Child server = trial.Start(NoteEnd);
        int port = await server.ReadPortAsync(cancellationToken);
        using Child living = await ClientsAsync(Living, trial.Clients, port);
        using Child dying = await ClientsAsync(Dying, _dying, port);
        await PauseAsync(Calm);
        await AllAreServedAsync(living, trial.Clients);
        await AllAreServedAsync(dying, _dying);

        await server.SignalAsync("STOP");
        await PauseAsync(trial.Freeze / 2);
        await dying.SignalAsync("STOP");
        await PauseAsync(trial.Freeze / 2);
        long continued = Stopwatch.GetTimestamp();
        await server.SignalAsync("CONT");

        await _allNoticed.Task.WaitAsync(trial.MostToNotice, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the outcome tells how many were
        await PauseAsync(Calm);
        int served = await ServedAsync(living);
        return new FreezeOutcome(trial, trial.Clients - served, _dying, [.. NoticedDead().Select(end => Stopwatch.GetElapsedTime(continued, end))]);
    }

    private void NoteEnd(string line)
    {
        if (FreezeCase.GoneIn(line) is { } user && _gone.TryAdd(user, Stopwatch.GetTimestamp()) && NoticedDead().Count() == _dying)
        {
            _allNoticed.TrySetResult();
        }
    }

    private async Task<Child> ClientsAsync(string prefix, int count, int port)
    {
        Child clients = Child.OfThisProgram(["freeze-clients", trial.Protocol, $"{port}", prefix, $"{count}"]);
        try
        {
            await clients.ReadUntilAsync("ready", cancellationToken);
            return clients;
        }
        catch
        {
            clients.Dispose();
            throw;
        }
    }

    private async Task AllAreServedAsync(Child clients, int count)
    {
        int served = await ServedAsync(clients);
        if (served != count)
        {
            throw new InvalidOperationException($"Of {count} clients only {served} were served before the freeze, so there is nothing to compare. The machine may be too busy.");
        }
    }

    private async Task<int> ServedAsync(Child clients) => int.Parse(await clients.AskAsync("served", cancellationToken), CultureInfo.InvariantCulture);

    private IEnumerable<long> NoticedDead() => _gone.Where(end => end.Key.StartsWith(Dying, StringComparison.Ordinal)).Select(end => end.Value);

    private Task PauseAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, cancellationToken);
}
