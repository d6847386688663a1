namespace Presence.Benchmarks.Plots;

/// <summary>A time at a number of clients.</summary>
internal readonly record struct Point(int Clients, double Nanoseconds);
