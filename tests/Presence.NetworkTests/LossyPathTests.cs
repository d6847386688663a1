namespace Presence.NetworkTests;

/// <summary>A path that loses packets at random, both ways, or lets too few through; and how often that costs a healthy client its session.</summary>
[Category("BeyondSdk")]
public sealed class LossyPathTests : LoadTest
{
    private const double Loss = 0.2;
    private const int Limit = 5;

    [Test]
    public async Task Reset_OnALossyPath_ExpiresFalselyAsOftenAsPredicted()
    {
        int count = TestScale.Of(500, 200);
        var time = TimeSpan.FromSeconds(TestScale.Of(12, 600));
        await StartServerAsync("tick=100", $"limit={Limit}");
        await StartClientsAsync(count, "interval=100", "again=yes");
        await AllBeatAsync(count);
        await LoseAsync("udp");
        await LoseAsync("tcp");
        await LastAsync(TimeSpan.FromSeconds(1)); // until as many clients miss some as ever will
        Facts before = await Server.AskAsync();
        await LastAsync(time);
        Facts after = await Server.AskAsync();

        // Limit beats in a row are lost after one that was not.
        double expected = (after["clientTicks"] - before["clientTicks"]) * (1 - Loss) * Math.Pow(Loss, Limit);
        double deviation = Math.Sqrt(expected);
        int deviations = TestScale.Of(4, 3); // three are exceeded by chance in one run of 300: too often for every change
        double expired = after["expired"] - before["expired"];
        await TellAsync($"Expired falsely: {expired}; predicted: {expected:0} with a standard deviation of {deviation:0.0}; {after}");
        Assert.That(expired, Is.EqualTo(expected).Within(deviations * deviation));
        Assert.That(after["leastSilence"], Is.GreaterThanOrEqualTo(Limit));
        await LoseNoMoreAsync("udp");
        await LoseNoMoreAsync("tcp");
        await AllBeatAsync(count);
    }

    [Test]
    public async Task Decrement_OnALossyPath_ExpiresAllInTheEndAsPredicted()
    {
        const int Count = 200;
        await StartServerAsync("tick=100", $"limit={Limit}", "rule=Decrement", "mass-share=1");
        await LoseAsync("udp");
        await StartClientsAsync(Count, "interval=100");
        Facts status = await NothingIsLeftAsync();
        double mean = status["ticksLived"] / Count;
        double deviation = Math.Sqrt(Limit * (1 - Loss)) / Loss / Math.Sqrt(Count); // of the mean: a sum of Limit waits for a loss each
        await TellAsync($"Expired after {mean:0.0} ticks in the mean; predicted: {Limit / Loss} to {(Limit + 1) / Loss}, with a standard deviation of {deviation:0.0}; {status}");
        Assert.That(status["expired"], Is.EqualTo(Count));
        Assert.That(mean, Is.InRange((Limit / Loss) - (3 * deviation), ((Limit + 1) / Loss) + (3 * deviation) + status["withheld"])); // nobody ages on those
    }

    [Test]
    public async Task Clients_OnACongestedPath_AreKeptOrExpiredAndAllComeBack()
    {
        const int Count = 200;
        const int Patience = 10;
        const int BitsNeeded = Count * 10 * (14 + 20 + 8 + 40) * 8; // a second: Ethernet, IP, UDP and the heartbeat
        var time = TimeSpan.FromSeconds(TestScale.Of(6, 20));
        await StartServerAsync("tick=100", $"limit={Patience}");
        await StartClientsAsync(Count, "interval=100", "again=yes");
        await AllBeatAsync(Count);
        await ClientHost.CongestAsync(BitsNeeded / 10);
        await LastAsync(time);
        await ClientHost.EndCongestionAsync();
        Facts congested = await Server.AskAsync();
        long ended = TimeProvider.System.GetTimestamp();
        Facts recovered = await AllBeatAsync(Count);
        TimeSpan recovery = TimeProvider.System.GetElapsedTime(ended);
        Facts clients = await Clients.AskAsync();
        await TellAsync($"{congested}\n{clients}; all back after {recovery.TotalSeconds:0.0} s; {recovered}");
        Assert.That(congested["expired"], Is.Positive);
        Assert.That(clients["kept"], Is.Positive);
        Assert.That(clients["kept"] + recovered["expired"], Is.GreaterThanOrEqualTo(Count)); // who was not expired was kept
        Assert.That(recovered["leastSilence"], Is.GreaterThanOrEqualTo(Patience)); // and who got through was not expired
    }

    private async Task LoseAsync(string protocol)
    {
        await Network.Server.LoseAsync(protocol, Loss);
        await ClientHost.LoseAsync(protocol, Loss);
    }

    private async Task LoseNoMoreAsync(string protocol)
    {
        await Network.Server.LoseNoMoreAsync(protocol, Loss);
        await ClientHost.LoseNoMoreAsync(protocol, Loss);
    }
}
