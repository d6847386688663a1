namespace Presence.NetworkTests;

/// <summary>The oldest bug of presence systems: the teardown of the old session takes the new one with it.</summary>
[Category("BeyondSdk")]
public sealed class ReconnectTests : LoadTest
{
    [Test]
    public async Task Client_ThatReconnectsAsItsOldSessionExpires_KeepsItsNewOne()
    {
        int rounds = TestScale.Of(10_000, 100_000);
        string[] settings = ["tick=20", "limit=5"];
        await StartServerAsync([.. settings, "mass-share=1"]); // all of them are silent, and that is no outage here
        await StartClientsOfKindAsync("reconnecters", 200, settings);
        await Wait.UntilAsync(() => Server.AskAsync(), status => status["sameTick"] >= rounds, TimeSpan.FromMinutes(5));
        Facts clients = await Clients.AskAsync("stop");
        Facts server = await NothingIsLeftAsync();
        await TellAsync($"{clients}; {server}");
        Assert.That(clients["harmed"], Is.Zero);
        Assert.That(clients["unjudged"], Is.LessThan(clients["rounds"] / 10), "held up");
        Assert.That(server["expired"], Is.EqualTo(server["ended"]));
        Assert.That(server["ended"], Is.EqualTo(clients["rounds"]));
    }
}
