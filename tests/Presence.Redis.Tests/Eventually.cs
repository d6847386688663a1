namespace Presence.Redis.Tests;

/// <summary>Waits for what another server or the store brings about, which gives no event here.</summary>
internal static class Eventually
{
    public static Task Is(Func<Task<bool>> condition, string what) => Is(condition, () => what);

    /// <param name="condition">What must come true.</param>
    /// <param name="describe">Says it, or what is missing.</param>
    public static async Task Is(Func<Task<bool>> condition, Func<string> describe)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > TestServer.Patience)
            {
                Assert.Fail($"Not within {TestServer.Patience}: {describe()}");
            }

            await Task.Delay(10);
        }
    }

    public static Task Is(Func<bool> condition, string what) => Is(() => Task.FromResult(condition()), what);
}
