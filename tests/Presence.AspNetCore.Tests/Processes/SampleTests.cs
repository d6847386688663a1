namespace Presence.AspNetCore.Tests.Processes;

/// <summary>The sample with users and tabs.</summary>
[TestFixture]
public sealed class SampleTests
{
    private const string Sample = "samples/SignalRTabs";
    private const string Online = "*** user:zhangsan is online";
    private const string Offline = "*** user:zhangsan is offline";

    [Test]
    public async Task Tabs_OfAUser_AreOneUserAndOneThatHangsComesAgain()
    {
        using var server = new Child(Sample, "server", "--urls", "http://127.0.0.1:0");
        string url = await server.ReadAsync("Listening on ");
        using Child lisi = await TabAsync(url, "lisi", 1);
        using Child first = await TabAsync(url, "zhangsan", 1);
        using Child second = await TabAsync(url, "zhangsan", 2);
        await lisi.ReadAsync(Online);

        await first.WriteAsync("/quit");
        int left = await first.ExitCodeAsync();
        await second.WriteAsync("/freeze");
        await lisi.ReadAsync(Offline);
        await second.ReadAsync("*** connected again");
        await Wait.UntilAsync(() => lisi.Lines.Count(line => line == Online) == 2, "him online again");

        Assert.That(left, Is.Zero);
        Assert.That(second.Lines, Has.Some.Contains("taken for gone"));
        Assert.That(lisi.Lines.Where(line => line.Contains("zhangsan", StringComparison.Ordinal)), Is.EqualTo(new[] { Online, Offline, Online }));
    }

    [Test]
    public async Task Client_WithoutAServer_SaysSo()
    {
        using var client = new Child(Sample, "client", "zhangsan", "http://127.0.0.1:1");

        Assert.That(await client.ReadAsync("No server at "), Does.StartWith("http://127.0.0.1:1: "));
        Assert.That(await client.ExitCodeAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Arguments_ThatAreNone_AreExplained()
    {
        using var client = new Child(Sample, "nonsense");

        await client.ReadAsync("Usage: ");
        Assert.That(await client.ExitCodeAsync(), Is.EqualTo(2));
    }

    private static async Task<Child> TabAsync(string url, string user, int tabs)
    {
        var tab = new Child(Sample, "client", user, url);
        Assert.That(await tab.ReadAsync($"You are {user}, with "), Does.StartWith($"{tabs} tabs"));
        return tab;
    }
}
