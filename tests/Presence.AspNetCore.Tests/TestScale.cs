namespace Presence.AspNetCore.Tests;

/// <summary>How much a test does: enough for every run, or, with PRESENCE_TESTS=long in the environment, as much as the documents speak of.</summary>
internal static class TestScale
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("PRESENCE_TESTS") == "long";

    /// <summary>What random schedules begin with: another each time, or PRESENCE_SEED in the environment.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("PRESENCE_SEED"), out int seed) ? seed : Environment.TickCount;

    public static int Of(int ordinary, int @long) => IsLong ? @long : ordinary;
}
