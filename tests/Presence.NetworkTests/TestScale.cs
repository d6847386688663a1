namespace Presence.NetworkTests;

/// <summary>How long a fault lasts: enough for every run, or, with PRESENCE_TESTS=long in the environment, for a night.</summary>
internal static class TestScale
{
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("PRESENCE_TESTS") == "long";

    public static int Of(int ordinary, int @long) => IsLong ? @long : ordinary;
}
