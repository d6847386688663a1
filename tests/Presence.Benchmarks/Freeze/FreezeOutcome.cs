using System.Globalization;

namespace Presence.Benchmarks.Freeze;

/// <summary>What became of the clients of a server that was frozen.</summary>
/// <param name="Case">Server and freeze.</param>
/// <param name="ThrownOut">How many live clients the server no longer served.</param>
/// <param name="Dead">How many died in the freeze.</param>
/// <param name="Noticed">When each of those that were noticed was, from the end of the freeze.</param>
internal sealed record FreezeOutcome(FreezeCase Case, int ThrownOut, int Dead, IReadOnlyCollection<TimeSpan> Noticed)
{
    public const string Header = "| server | clients | freeze | thrown out | died in the freeze | noticed, after it |\n|---|---|---|---|---|---|";

    public bool IsAsPromised => ThrownOut == 0 && Noticed.Count == Dead && Noticed.All(time => time <= Case.MostToNotice);

    public override string ToString()
    {
        string when = Noticed.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {Noticed.Min().TotalSeconds:0.0} to {Noticed.Max().TotalSeconds:0.0} s");
        return $"| {Case.Server} | {Case.Clients:N0} | {Case.Freeze.TotalSeconds:0} s | {ThrownOut:N0} | {Dead} | {Noticed.Count}{when} |";
    }
}
