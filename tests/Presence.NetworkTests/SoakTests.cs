using System.Globalization;

namespace Presence.NetworkTests;

/// <summary>Thousands of clients come and go in every way at once, on a path that is lossy at times and with a server that is stopped at times.</summary>
/// <remarks>
/// The seed is printed. <c>PRESENCE_SEED</c> in the environment repeats what everyone does and when, though not how processors and packets interleave.
/// </remarks>
[Category("BeyondSdk")]
public sealed class SoakTests : LoadTest
{
    private const int Count = 2000;
    private const int TickMs = 250;
    private const int Limit = 10;
    private const double Loss = 0.05;

    private static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(3);

    [Test]
    public async Task Clients_ComingAndGoingAtRandom_AreEachEndedOnceAndInTime()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("PRESENCE_SEED"), CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        await TellAsync($"Repeat with PRESENCE_SEED={seed}");
        var time = TimeSpan.FromSeconds(TestScale.Of(20, 600));
        string[] settings = [$"tick={TickMs}", $"limit={Limit}"];
        await StartServerAsync(settings);
        await StartClientsOfKindAsync("soak-clients", Count, [.. settings, $"seed={seed}", $"longest-freeze={LongestFreeze.TotalMilliseconds}"]);

        List<double> memory = await DisturbAsync(time, new Random(seed));
        Facts clients = await Clients.AskAsync();
        await Clients.SignalAsync("KILL");
        Facts server = await NothingIsLeftAsync();
        await TellAsync($"{clients}\n{server}\nMiB after a collection: {string.Join(", ", memory.Select(mib => mib.ToString("0.0", CultureInfo.InvariantCulture)))}");

        Assert.Multiple(() =>
        {
            Assert.That(server["ended"], Is.EqualTo(server["joined"]), "Each session ends once.");
            Assert.That(clients["thrownOut"], Is.Zero, "Nobody is expired who beats.");
            Assert.That(clients["tooSoon"] + clients["tooLate"], Is.Zero, "Who falls silent is expired in time.");
            Assert.That(clients["harmed"], Is.Zero, "No new session suffers by the end of an old one.");
            Assert.That(server["leastSilence"], Is.GreaterThanOrEqualTo(Limit));
            Assert.That(server["mostSilence"], Is.LessThanOrEqualTo((4 * Limit) + 2), "The guards hold for longer than they may.");
            Assert.That(memory.Skip(memory.Count / 2).Max(), Is.LessThan((1.2 * memory.Take(memory.Count / 2).Max()) + 2), "Memory grows.");
        });
        Assert.That(clients["FallSilentAsync"], Is.Positive);
    }

    /// <summary>Has the path lose some and the server stand still, every now and then.</summary>
    /// <returns>The server's managed heap after a collection: once all have come, and then ten times.</returns>
    private async Task<List<double>> DisturbAsync(TimeSpan time, Random random)
    {
        long started = TimeProvider.System.GetTimestamp();
        List<double> memory = [];
        TimeSpan between = time / 11;
        for (int part = 1; part <= 11; part++)
        {
            await Network.Server.LoseAsync("udp", Loss);
            await LastAsync(random.NextDouble() * between / 4);
            await Network.Server.LoseNoMoreAsync("udp", Loss);
            if (TestScale.IsLong || part % 5 == 0)
            {
                await LastAsync(random.NextDouble() * between / 4);
                await Server.SignalAsync("STOP");
                await LastAsync(random.NextDouble() * LongestFreeze);
                await Server.SignalAsync("CONT");
            }

            TimeSpan left = (part * between) - TimeProvider.System.GetElapsedTime(started);
            await LastAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            memory.Add((await Server.AskAsync("memory"))["mib"]);
            Facts clients = await Clients.AskAsync();
            Assert.That(clients["thrownOut"], Is.Zero, $"Nobody is expired who beats. {clients}\n{await Server.AskAsync()}"); // now, and not after the rest of the soak
        }

        return memory;
    }
}
