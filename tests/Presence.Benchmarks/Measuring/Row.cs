using System.Globalization;

namespace Presence.Benchmarks.Measuring;

/// <summary>One figure against its target.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Ours">Ours, in <paramref name="Unit"/>.</param>
/// <param name="Reference">What it is compared with, in the same unit; 1 where the target is an absolute figure.</param>
/// <param name="Unit">The unit of both.</param>
/// <param name="Target">The bound of the ratio.</param>
/// <param name="AtLeast">Whether the target is a lower bound.</param>
internal sealed record Row(string Name, double Ours, double Reference, string Unit, double Target, bool AtLeast = false)
{
    public double Ratio => Ours / Reference;

    public bool IsMet => AtLeast ? Ratio >= Target : Ratio <= Target;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-38} {Figure(Ours) + Unit,12} {Figure(Reference) + Unit,12} {Figure(Ratio),9} {(AtLeast ? ">=" : "<=") + Figure(Target),9}  {(IsMet ? "ok" : "MISS")}");

    private static string Figure(double value) => value switch
    {
        >= 100 or 0 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 0.1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00000", CultureInfo.InvariantCulture),
    };
}
