namespace Presence.Benchmarks.Plots;

internal static class PlotCommand
{
    public static int Run(string folder) => folder.Length;
}
