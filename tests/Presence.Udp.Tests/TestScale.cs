namespace Presence.Udp.Tests;

/// <summary>How much a test does: enough for every run, or, with PRESENCE_TESTS=long in the environment, in full.</summary>
internal static class TestScale
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("PRESENCE_TESTS") == "long";
}
