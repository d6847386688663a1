using System.Globalization;
using Presence.Benchmarks.Processes;

namespace Presence.Benchmarks.Reconnect;

/// <summary>Forces the race of a dying connection with a new login under the same name; exit code 1 if ours lost a new session.</summary>
internal static class ReconnectCommand
{
    private const int Seed = 1; // of the order of the two, and of how the old one dies; how the race ends is up to the machine

    /// <param name="names">Parts of cases' names; none for all.</param>
    /// <param name="rounds">Rounds for each server.</param>
    public static Task<int> RunAsync(string[] names, int rounds = 20_000) => Interruption.GuardAsync(async cancellationToken =>
    {
        ReconnectCase[] chosen = [.. ReconnectCase.All.Where(trial => names.Length == 0 || names.Any(trial.Name.Contains))];
        bool isAsPromised = chosen.Length > 0;
        Console.WriteLine("| server | rounds | new sessions destroyed | share |\n|---|---|---|---|");
        foreach (ReconnectCase trial in chosen)
        {
            int destroyed = await new ReconnectTrial(trial, rounds, Seed, cancellationToken).RunAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {trial.Server} | {rounds:N0} | {destroyed:N0} | {100.0 * destroyed / rounds:0.00} % |"));
            isAsPromised &= destroyed == 0 || !trial.IsOurs;
        }

        return isAsPromised ? 0 : 1;
    });
}
