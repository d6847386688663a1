using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Freeze;

/// <summary>Freezes our server and its peers alike; exit code 1 if ours threw out a live client or kept a dead one.</summary>
internal static class FreezeCommand
{
    private static readonly FreezeCase[] Cases =
    [
        FreezeCase.OfChat("presence-40s", 1000, TimeSpan.FromSeconds(40), limit: 5),
        FreezeCase.OfSignalR("signalr-40s", 1000, TimeSpan.FromSeconds(40)),
        FreezeCase.OfChat("presence-6s", 2000, TimeSpan.FromSeconds(6), limit: 4),
        FreezeCase.OfMqtt("mqttnet-6s", 2000, TimeSpan.FromSeconds(6)),
    ];

    /// <param name="names">Parts of cases' names; none for all.</param>
    /// <param name="clients">How many clients each has; null for each case's own number.</param>
    public static Task<int> RunAsync(string[] names, int? clients = null) => Interruption.GuardAsync(async cancellationToken =>
    {
        FreezeCase[] chosen = [.. Cases.Where(trial => names.Length == 0 || names.Any(trial.Name.Contains))];
        bool isAsPromised = chosen.Length > 0;
        Console.WriteLine(FreezeOutcome.Header);
        foreach (FreezeCase trial in chosen)
        {
            FreezeOutcome outcome = await new FreezeTrial(trial with { Clients = clients ?? trial.Clients }, cancellationToken).RunAsync();
            Console.WriteLine(outcome);
            isAsPromised &= outcome.IsAsPromised || !trial.IsOurs;
        }

        return isAsPromised ? 0 : 1;
    });
}
