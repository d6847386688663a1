using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>The examples of <c>docs/udp.md</c>, which run here and stand there word for word.</summary>
[TestFixture]
public sealed class DocumentationTests
{
    public static string Root
    {
        get
        {
            string root = TestContext.CurrentContext.TestDirectory;
            while (!File.Exists(Path.Combine(root, "Presence.sln")))
            {
                root = Path.GetDirectoryName(root)!;
            }

            return root;
        }
    }

    [Test]
    public async Task Examples_ServerLoginAndClient_KeepTheSessionOnline()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ITickSource>(new ManualTickSource());

        // <server>
        services.AddPresence().AddUdpHeartbeats(options => options.EndPoint = new IPEndPoint(IPAddress.IPv6Any, 8080));
        // </server>
        services.Configure<UdpHeartbeatOptions>(options => options.EndPoint = Loopback.AnyPort);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IPresenceTracker tracker = provider.GetRequiredService<IPresenceTracker>();
        HeartbeatKeys keys = provider.GetRequiredService<HeartbeatKeys>();
        UdpHeartbeatListener listener = provider.GetRequiredService<UdpHeartbeatListener>();
        await provider.GetServices<IHostedService>().Single().StartAsync(default);
        const string clientId = "zhangsan";
        object connection = new();

        // <login>
        SessionId session = tracker.Join(clientId, connection).Session;
        byte[]? key = keys.Issue(clientId, session); // null if the session is over already: refuse the login
        // </login>
        Action<Action> eventLoop = static work => work();

        // <client>
        using var sender = new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = "localhost",
                Port = 8080,
                Session = session.Value, // the number behind its text of 16 hexadecimal digits
                Key = key!,
                Interval = TimeSpan.FromSeconds(1),
                ExpireAfter = 5,
            },
            answer => eventLoop(answer));
        // </client>
        using var portSender = new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = "127.0.0.1",
                Port = listener.LocalEndPoint!.Port,
                Session = session.Value,
                Key = key!,
                Interval = TimeSpan.FromSeconds(1),
                ExpireAfter = 5,
            },
            answer => eventLoop(answer));

        Loopback.WaitUntil(() => listener.Counts[DatagramOutcome.Accepted] > 0, "a heartbeat");
    }

    [TestCase("server")]
    [TestCase("login")]
    [TestCase("client")]
    public void Examples_InTheDocument_AreThoseThatRunHere(string name)
    {
        string code = File.ReadAllText(Path.Combine(Root, "tests", "Presence.Udp.Tests", $"{nameof(DocumentationTests)}.cs"));
        string example = code.Split($"// <{name}>\n")[1].Split($"        // </{name}>")[0].Replace("\n        ", "\n").Trim();

        Assert.That(File.ReadAllText(Path.Combine(Root, "docs", "udp.md")), Does.Contain($"```csharp\n{example}\n```"));
    }
}
