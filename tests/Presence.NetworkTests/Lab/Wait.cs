namespace Presence.NetworkTests.Lab;

/// <summary>Waits for what other processes do: as short as it can, and not for ever.</summary>
internal static class Wait
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Asks again and again until the answer is right.</summary>
    /// <returns>That answer.</returns>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight, TimeSpan? limit = null)
    {
        long started = TimeProvider.System.GetTimestamp();
        T answer = await ask();
        while (!isRight(answer))
        {
            if (TimeProvider.System.GetElapsedTime(started) > (limit ?? Limit))
            {
                throw new TimeoutException($"The last answer was: {(answer is string[] lines ? string.Join("\n", lines) : answer)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            answer = await ask();
        }

        return answer;
    }
}
