using Microsoft.Extensions.Logging;
using Presence.Redis.Telemetry;

namespace Presence.Redis;

/// <summary>Keeps loops running.</summary>
internal static class Loops
{
    /// <summary>How long a loop rests that failed as nobody expected.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>Runs a loop until it is stopped. If it fails, that is logged, and it starts again: none ends without a word.</summary>
    public static async Task KeepAsync(Func<CancellationToken, Task> loop, TimeProvider timeProvider, ILogger logger, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await loop(stopping).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.LoopFailed(logger, exception);
                await Task.Delay(Rest, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
