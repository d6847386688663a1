using System.Globalization;
using System.Text.Json;
using Presence.Redis.Tests.Stores;

namespace ChatServer.Tests;

/// <summary>What the users of two servers see of a store that stands still, goes away, or comes late.</summary>
[Category("BeyondSdk")]
[Platform(Exclude = "Win", Reason = "There are no signals to stop a process with.")]
public sealed class StoreFaultTests
{
    private RedisProcess _redis = null!;
    private TestServer _a = null!;
    private TestServer _b = null!;

    [SetUp]
    public async Task StartServers()
    {
        _redis = await Redis.StartAsync();
        _a = await StartServerAsync("a");
        _b = await StartServerAsync("b");
    }

    [TearDown]
    public async Task StopServers()
    {
        await (_b?.DisposeAsync() ?? default);
        await (_a?.DisposeAsync() ?? default);
        await (_redis?.DisposeAsync() ?? default);
    }

    [Test]
    public async Task LogIn_OnBothServersWhileTheStoreStandsStill_IsReplacedOnOne()
    {
        using TestClient observerOfA = await _a.LogInAsync("observer-a");
        using TestClient observerOfB = await _b.LogInAsync("observer-b");
        await observerOfB.SeeAsync("observer-a");
        await observerOfA.SeeAsync("observer-b");
        _redis.Pause();
        using TestClient annOnA = await _a.LogInAsync("ann");
        using TestClient annOnB = await _b.LogInAsync("ann");
        _redis.Resume();

        Task<JsonElement> toldOnA = annOnA.ReadAsync();
        Task<JsonElement> toldOnB = annOnB.ReadAsync();
        bool isReplacedOnA = await Task.WhenAny(toldOnA, toldOnB) == toldOnA;
        (TestClient replaced, JsonElement told, TestClient stays, TestClient observer) = isReplacedOnA
            ? (annOnA, await toldOnA, annOnB, observerOfA)
            : (annOnB, await toldOnB, annOnA, observerOfB);
        Assert.That(told.GetProperty("code").GetString(), Is.EqualTo("replaced"));
        await replaced.ReadToEndAsync();

        await observer.ReadAsync("joined");
        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("ann replaced"));
        await observer.ReadAsync("joined"); // on the other server
        Assert.That(await observer.WhoAsync(), Is.EqualTo(["ann", "observer-a", "observer-b"]));

        await observer.SendAsync(new { type = "tell", to = "ann", text = "psst" });
        JsonElement heard = await (isReplacedOnA ? toldOnB : toldOnA);
        Assert.That(heard.GetProperty("type").GetString(), Is.EqualTo("tell"));
        await stays.SendAsync(new { type = "logout" });
        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("ann left"));
    }

    [Test]
    public async Task Store_RestartedEmpty_LosesNobodyAndTellsWhatWasMissed()
    {
        using TestClient ann = await _a.LogInAsync("ann");
        using TestClient bob = await _b.LogInAsync("bob");
        using TestClient cy = await _b.LogInAsync("cy");
        await ann.SeeAsync("bob");
        await ann.SeeAsync("cy");
        await bob.SeeAsync("ann");
        await bob.SeeAsync("cy");
        await _redis.KillAsync();

        await cy.SendAsync(new { type = "logout" });
        Assert.That(await bob.ReadLeftAsync(), Is.EqualTo("cy left"));
        using TestClient dan = await _b.LogInAsync("dan");
        await bob.ReadAsync("joined");
        await dan.SendAsync(new { type = "say", text = "among us" });
        await bob.ReadAsync("say");

        await _redis.StartAsync();
        JsonElement[] told = [await ann.ReadAsync(), await ann.ReadAsync()];
        Assert.That(told.Select(message => $"{message.GetProperty("user")} {message.GetProperty("type")}"), Is.EquivalentTo(["cy left", "dan joined"]));
        Assert.That(await ann.WhoAsync(), Is.EqualTo(["ann", "bob", "dan"]));
        await ann.SendAsync(new { type = "say", text = "all" });
        Assert.That((await bob.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo("all"));
    }

    [Test]
    public async Task Start_BeforeTheStore_ChatsAloneAndThenWithTheOthers()
    {
        await using var late = new RedisProcess();
        await using TestServer a = await TestServer.StartInClusterAsync("a", AddressOf(late));
        await using TestServer b = await TestServer.StartInClusterAsync("b", AddressOf(late));
        using TestClient ann = await a.LogInAsync("ann");
        using TestClient bob = await b.LogInAsync("bob");
        await ann.SendAsync(new { type = "say", text = "alone" });
        await ann.ReadAsync("say");
        Assert.That(await ann.WhoAsync(), Is.EqualTo(["ann"]));

        await late.StartAsync();
        await ann.SeeAsync("bob");
        await bob.SeeAsync("ann");
        await ann.SendAsync(new { type = "say", text = "together" });
        Assert.That((await bob.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo("together"));
        await bob.SendAsync(new { type = "tell", to = "ann", text = "psst" });
        await ann.ReadAsync("say");
        await ann.ReadAsync("tell");
        Assert.That(await bob.WhoAsync(), Is.EqualTo(["ann", "bob"])); // and this is the next that is heard: it was told once
    }

    /// <summary>Gives up soon what an absent store does not answer.</summary>
    private static string AddressOf(RedisProcess redis) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis.Port},connectTimeout=500,asyncTimeout=500,syncTimeout=500");

    private Task<TestServer> StartServerAsync(string name) =>
        TestServer.StartInClusterAsync(name, AddressOf(_redis), "--set", "Cluster:Lease=00:00:02", "--set", "Cluster:Grace=00:00:01");
}
