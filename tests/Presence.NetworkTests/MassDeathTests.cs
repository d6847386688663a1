namespace Presence.NetworkTests;

/// <summary>Thousands of clients die at once, and no FIN says so.</summary>
[Category("BeyondSdk")]
public sealed class MassDeathTests : LoadTest
{
    [Test]
    public async Task Clients_KilledAtOnce_AreTornDownOnceAtTheConfiguredRate()
    {
        const int Count = 5000;
        const int MostPerTick = 500;
        const double MostMemory = 32; // MiB over what there was with all of them alive
        int tick = TestScale.Of(250, 1000);
        int limit = TestScale.Of(4, 5);
        await StartServerAsync($"tick={tick}", $"limit={limit}", $"most-per-tick={MostPerTick}");
        await StartClientsAsync(Count, $"interval={2 * tick}");
        await AllBeatAsync(Count);
        double alive = (await Server.AskAsync("memory"))["mib"];

        await ClientHost.SetLinkAsync(up: false);
        await Clients.SignalAsync("KILL");
        double most = 0;
        Facts status = await Wait.UntilAsync(
            async () =>
            {
                most = Math.Max(most, Server.ResidentMiB());
                return await Server.AskAsync();
            },
            status => status["ended"] >= Count,
            limit: TimeSpan.FromMinutes(1));
        status = await NothingIsLeftAsync();
        double after = (await Server.AskAsync("memory"))["mib"];
        await TellAsync($"{alive:0.0} MiB alive, {after:0.0} MiB after, {most:0} MiB resident at the most; {status}");
        Assert.That(status["expired"], Is.EqualTo(Count));
        Assert.That(status["ended"], Is.EqualTo(Count));
        Assert.That(status["mostExpired"], Is.EqualTo(MostPerTick));
        Assert.That(after, Is.LessThan(alive + MostMemory));
    }
}
