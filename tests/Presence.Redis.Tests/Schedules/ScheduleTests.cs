using System.Globalization;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Schedules;

/// <summary>Random schedules of faults, with a seed that is printed: <c>PRESENCE_SEED</c> repeats what is done, though not how it interleaves. <c>PRESENCE_MINUTES</c> sets how long all take together.</summary>
[TestFixture]
[Category("BeyondSdk")]
public class ScheduleTests
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(15);

    [TestCase(false, Description = "the store loses nothing")]
    [TestCase(true, Description = "it may come back empty, or from a snapshot")]
    public async Task Servers_UnderRandomFaults_KeepEveryPromise(bool mayLoseData)
    {
        RedisProcess.RequireInstalled();
        int seed = Setting("PRESENCE_SEED") ?? Random.Shared.Next(1_000_000_000);
        TimeSpan time = TimeSpan.FromMinutes(Setting("PRESENCE_MINUTES") ?? TestScale.Of(1, 60)) / 2;
        long since = TimeProvider.System.GetTimestamp();
        do
        {
            await using RedisStore store = await RedisStore.StartAsync();
            await using var schedule = new Schedule(store, seed, mayLoseData);
            IReadOnlyList<string> wrong = await schedule.RunAsync(Round);
            await TestContext.Out.WriteLineAsync(schedule.Summary);
            if (wrong.Count > 0)
            {
                Assert.Fail($"seed {seed}:\n{string.Join('\n', wrong.Take(20))}\n{string.Join('\n', schedule.Log)}");
            }

            seed++;
        }
        while (TimeProvider.System.GetElapsedTime(since) < time);
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
}
