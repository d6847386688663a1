namespace Presence.Benchmarks.Measuring;

/// <summary>Measured values of one thing, in no order.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public double Median => Quantile(0.5);

    public void Add(double value) => _values.Add(value);

    public double Quantile(double part)
    {
        double[] sorted = [.. _values.Order()];
        return sorted[(int)(part * (sorted.Length - 1))];
    }
}
