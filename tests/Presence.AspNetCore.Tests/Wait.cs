namespace Presence.AspNetCore.Tests;

/// <summary>Waits for what comes over real sockets and from real processes: as short as it can, and not for ever.</summary>
internal static class Wait
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(condition, () => what, Limit);

    public static async Task UntilAsync(Func<bool> condition, Func<string> what, TimeSpan limit)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                Assert.Fail($"Not within {limit}: {what()}");
            }

            await Task.Delay(5);
        }
    }
}
