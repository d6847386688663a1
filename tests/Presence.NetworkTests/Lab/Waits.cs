using System.Globalization;

namespace Presence.NetworkTests.Lab;

/// <summary>For how long a user waited to hear each of its words, in ms, phase by phase.</summary>
internal sealed class Waits
{
    private readonly List<double[]> _phases = [];

    /// <summary>The 99th percentile of all that was ever said.</summary>
    public double Pooled => Percentile99(_phases.SelectMany(phase => phase));

    /// <summary>The lower quartile of the phases' 99th percentiles: what else a machine does only ever adds to a wait.</summary>
    public double Quieter => _phases.Select(Percentile99).Order().ElementAt(_phases.Count / 4);

    /// <summary>Adds a phase: what a user says who has <c>measured: 0.12 0.34 …</c>.</summary>
    public void Add(string measured) => _phases.Add([.. measured[(measured.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(' ').Select(wait => double.Parse(wait, CultureInfo.InvariantCulture))]);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"all together {Pooled:0.00}, quarter of the phases under {Quieter:0.00}; each: {string.Join(", ", _phases.Select(phase => Percentile99(phase).ToString("0.00", CultureInfo.InvariantCulture)))}");

    private static double Percentile99(IEnumerable<double> waits)
    {
        double[] ordered = [.. waits.Order()];
        return ordered[ordered.Length * 99 / 100];
    }
}
