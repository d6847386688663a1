namespace Presence.Tests;

/// <summary>How much a test does: enough for every run, or, with PRESENCE_TESTS=long in the environment, for a night.</summary>
internal static class TestScale
{
    public static int Of(int ordinary, int @long) => Environment.GetEnvironmentVariable("PRESENCE_TESTS") == "long" ? @long : ordinary;
}
