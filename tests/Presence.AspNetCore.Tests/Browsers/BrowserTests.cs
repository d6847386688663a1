using System.Diagnostics;
using Microsoft.Playwright;
using Presence.AspNetCore.Tests.Processes;

namespace Presence.AspNetCore.Tests.Browsers;

/// <summary>Real tabs in a real browser, with the package's script; those of SignalR with its client for JavaScript.</summary>
[TestFixture(false)]
[TestFixture(true)]
[Category("BeyondSdk")]
public sealed class BrowserTests(bool isSocket)
{
    private const string SignalR = "@microsoft/signalr@10.0.11";

    private readonly string _folder = Directory.CreateTempSubdirectory("presence").FullName;
    private IPlaywright? _playwright;
    private ServerProcess? _server;
    private IBrowser? _browser;
    private int _users;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        string chromium = Tools.Need("chromium", "chromium");
        string npm = Tools.Need("npm", "npm");
        await Tools.RunAsync(npm, _folder, "install", "--no-audit", "--no-fund", SignalR);
        _server = await ServerProcess.StartAsync(0, Script);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox"] }); // which root may not use
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Script => Path.Combine(_folder, "node_modules/@microsoft/signalr/dist/browser/signalr.js");

    /// <summary>Another user for each test.</summary>
    private string User { get; set; } = "";

    [SetUp]
    public void NameUser() => User = $"user{++_users}";

    [Test]
    public async Task Tabs_OfOneUser_AreOneUserUntilBothAreClosed()
    {
        IPage first = await OpenAsync(), second = await OpenAsync();
        await first.CloseAsync();
        await Task.Delay(TimeSpan.FromSeconds(8)); // longer than any notice or limit
        Assert.That(Edges, Is.EqualTo(new[] { "Occupied" }));

        await second.CloseAsync();
        await ToldAsync("Vacated");
        Assert.That(Edges, Is.EqualTo(new[] { "Occupied", "Vacated" }));
    }

    [Test]
    public async Task Tab_ThatIsLoadedAgain_WasNeverAway()
    {
        IPage tab = await OpenAsync();

        await tab.ReloadAsync();
        await OnlineAsync(tab);
        await Task.Delay(TimeSpan.FromSeconds(8));

        Assert.That(Edges, Is.EqualTo(new[] { "Occupied" }));
        await tab.CloseAsync();
    }

    [Test]
    public async Task Tab_ThatHangs_ExpiresAndIsToldSoWhenItWakes()
    {
        IPage tab = await OpenAsync();

        Task hanging = tab.EvaluateAsync("() => { const end = Date.now() + 12_000; while (Date.now() < end); }");
        long started = Stopwatch.GetTimestamp();
        await ToldAsync("Vacated");
        TimeSpan noticed = Stopwatch.GetElapsedTime(started);
        await hanging;
        await tab.WaitForFunctionAsync("() => states.includes('expired') && kept.state === 'online'");

        await TestContext.Out.WriteLineAsync($"The server noticed after {noticed.TotalSeconds:F1} s.");
        Assert.That(noticed, Is.LessThan(TimeSpan.FromSeconds(11)), "while it still hung");
        await Wait.UntilAsync(() => Edges.Count() == 3, "word that he is back, which comes from another process");
        Assert.That(Edges, Is.EqualTo(new[] { "Occupied", "Vacated", "Occupied" }));
        await tab.CloseAsync();
    }

    [Test]
    public async Task Tab_ThatStops_IsGoneAtOnce()
    {
        IPage tab = await OpenAsync();

        await tab.EvaluateAsync("() => kept.stop()");

        await ToldAsync("Vacated");
        Assert.That(await tab.EvaluateAsync<string>("() => kept.state"), Is.EqualTo("stopped"));
        await tab.CloseAsync();
    }

    [Test]
    public async Task Tabs_OfAServerThatIsKilledAndStartedAgain_AreBackByThemselves()
    {
        using ServerProcess server = await ServerProcess.StartAsync(0, Script);
        IPage[] tabs = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => OpenAsync(server, $"{User}-{i}")));
        await server.KillAsync();
        await Task.WhenAll(tabs.Select(tab => tab.WaitForFunctionAsync("() => kept.state === 'reconnecting'")));

        using ServerProcess again = await ServerProcess.StartAsync(server.Port, Script);
        await Task.WhenAll(tabs.Select(OnlineAsync));

        Assert.That(await again.OnlineAsync(), Is.EqualTo(tabs.Length));
        await Task.WhenAll(tabs.Select(tab => tab.CloseAsync()));
    }

    /// <summary>What was told of the user, in order.</summary>
    private IEnumerable<string> Edges => _server!.Lines.Where(line => line.EndsWith($" user:{User}", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]);

    private Task ToldAsync(string edge) => Wait.UntilAsync(() => Edges.Contains(edge), $"{edge} of {User}");

    private Task<IPage> OpenAsync() => OpenAsync(_server!, User);

    private async Task<IPage> OpenAsync(ServerProcess server, string user)
    {
        IPage page = await _browser!.NewPageAsync();
        await page.GotoAsync($"http://127.0.0.1:{server.Port}/tab.html?user={user}{(isSocket ? "&socket" : "")}");
        await OnlineAsync(page);
        return page;
    }

    private static Task OnlineAsync(IPage page) => page.WaitForFunctionAsync("() => globalThis.kept?.state === 'online'");
}
