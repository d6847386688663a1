using System.Diagnostics;
using Presence.AspNetCore.Tests.Processes;

namespace Presence.AspNetCore.Tests.Browsers;

/// <summary>A browser that is killed.</summary>
[TestFixture]
[Category("BeyondSdk")]
public sealed class BrowserDeathTests
{
    [Test]
    public async Task Browser_ThatIsKilled_IsGoneSoon()
    {
        string chromium = Tools.Need("chromium", "chromium");
        string profile = Directory.CreateTempSubdirectory("presence").FullName;
        using ServerProcess server = await ServerProcess.StartAsync();
        string page = $"http://127.0.0.1:{server.Port}/tab.html?user=zhangsan&socket";
        var start = new ProcessStartInfo(chromium, ["--headless", "--no-sandbox", $"--user-data-dir={profile}", "--remote-debugging-port=0", page]) { RedirectStandardError = true };
        using Process browser = Process.Start(start)!;
        browser.BeginErrorReadLine();
        try
        {
            await ToldAsync(server, "Occupied user:zhangsan");
            long started = Stopwatch.GetTimestamp();
            browser.Kill(entireProcessTree: true);
            await ToldAsync(server, "Vacated user:zhangsan");

            Assert.That(Stopwatch.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(8)));
        }
        finally
        {
            browser.Kill(entireProcessTree: true);
            await browser.WaitForExitAsync();
            Directory.Delete(profile, recursive: true);
        }
    }

    private static Task ToldAsync(ServerProcess server, string line) => Wait.UntilAsync(() => server.Lines.Contains(line), line);
}
