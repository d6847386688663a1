namespace Presence.NetworkTests;

/// <summary>It is the server that stands still or is cut off, and its clients live. None of them may be expired for it.</summary>
[Category("BeyondSdk")]
public sealed class ServerFaultTests : LoadTest
{
    private const int Limit = 10;
    private const int HeldTicks = 2 * Limit; // the default

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    [Test]
    public async Task Server_Stopped_ExpiresNobodyWhenItGoesOn()
    {
        const int Count = 500;
        var stop = TimeSpan.FromSeconds(TestScale.Of(6, 30));
        await StartAsync(Count);
        await Server.SignalAsync("STOP");
        await LastAsync(stop);
        await Server.SignalAsync("CONT");
        await LastAsync(3 * Limit * Tick);
        Facts status = await AllBeatAsync(Count);
        Assert.That(status["expired"], Is.Zero);
        Assert.That(status["ended"], Is.Zero);
        await TellAsync($"Stopped for {stop.TotalSeconds} s with {Count} clients: {status}");
    }

    [Test]
    public async Task Server_LinkDownWhileTheGuardHolds_ExpiresNobody()
    {
        const int Count = 200;
        TimeSpan tick = TestScale.IsLong ? TimeSpan.FromSeconds(1) : Tick; // at a second, 11 s to the limit and 20 s held
        TimeSpan down = TestScale.IsLong ? TimeSpan.FromSeconds(15) : TimeSpan.FromSeconds(2);
        await StartAsync(Count, tick);
        await Network.Server.SetLinkAsync(up: false);
        await LastAsync(down);
        Facts cutOff = await Server.AskAsync();
        await Network.Server.SetLinkAsync(up: true);
        Assert.That(cutOff["highestCount"], Is.GreaterThan(Limit), "The guard had nothing to hold.");
        await AllBeatAsync(Count);
        await LastAsync(2 * Limit * tick);
        Facts status = await AllBeatAsync(Count);
        Assert.That(status["ended"], Is.Zero);
        await TellAsync($"Link down for {down.TotalSeconds} s, to a count of {cutOff["highestCount"]}: {status}");
    }

    [Test]
    public async Task Server_LinkDownForGood_ExpiresAllOnceTheGuardIsSpent()
    {
        const int Count = 200;
        await StartAsync(Count);
        long started = TimeProvider.System.GetTimestamp();
        await Network.Server.SetLinkAsync(up: false);
        Facts status = await NothingIsLeftAsync();
        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(started);
        Assert.That(status["expired"], Is.EqualTo(Count));
        Assert.That(status["leastSilence"], Is.InRange(Limit + HeldTicks, Limit + HeldTicks + 2));
        await TellAsync($"All expired after {elapsed.TotalSeconds:0.0} s, the first {status["leastSilence"]} ticks after its last heartbeat: {status}");
    }

    [TestCase("udp")]
    [TestCase("tcp")]
    public async Task Server_ThreadPoolStarved_ExpiresNobody(string heartbeats)
    {
        const int Count = 200;
        int seconds = TestScale.Of(3, 15);
        await StartAsync(Count, settings: $"heartbeats={heartbeats}");
        Server.Type($"starve {seconds}");
        await Server.ReadUntilAsync("starved");
        await LastAsync(2 * Limit * Tick);
        Facts status = await AllBeatAsync(Count);
        Assert.That(status["ended"], Is.Zero);
        await TellAsync($"Starved for {seconds} s, heartbeats over {heartbeats}: {status}");
    }

    private async Task StartAsync(int count, TimeSpan? tick = null, params string[] settings)
    {
        int interval = (int)(tick ?? Tick).TotalMilliseconds;
        await StartServerAsync($"tick={interval}", $"limit={Limit}");
        await StartClientsAsync(count, [$"interval={interval}", .. settings]);
        await AllBeatAsync(count);
    }
}
