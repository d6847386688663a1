namespace Presence.AspNetCore.Tests;

/// <summary>How much a test does: enough for every run, or, with PRESENCE_TESTS=long in the environment, as much as the documents speak of.</summary>
internal static class TestScale
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("PRESENCE_TESTS") == "long";

    public static int Of(int ordinary, int @long) => IsLong ? @long : ordinary;
}
