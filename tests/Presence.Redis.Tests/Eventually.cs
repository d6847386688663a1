namespace Presence.Redis.Tests;

/// <summary>Waits for what another server or the store brings about, which gives no event here.</summary>
internal static class Eventually
{
    public static async Task Is(Func<Task<bool>> condition, string what)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > TestServer.Patience)
            {
                Assert.Fail($"Not within {TestServer.Patience}: {what}");
            }

            await Task.Delay(10);
        }
    }

    public static Task Is(Func<bool> condition, string what) => Is(() => Task.FromResult(condition()), what);
}
