namespace Presence.Benchmarks.Plots;

/// <summary>One line of a plot.</summary>
internal sealed record Series(string Name, IReadOnlyList<Point> Points);
