using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace Presence.Udp.Client.Tests;

/// <summary>Clients that are not on .NET 10, as processes of their own, against a real listener: one on Mono by .NET Standard 2.1, and one in C by the protocol's description.</summary>
[TestFixture]
[NUnit.Framework.Category("BeyondSdk")]
public sealed class InteroperabilityTests
{
    private PresenceTracker _tracker = null!;
    private HeartbeatKeys _keys = null!;
    private UdpHeartbeatListener _listener = null!;
    private string[] _terms = null!;

    [SetUp]
    public void SetUp()
    {
        _tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        _keys = new HeartbeatKeys(_tracker);
        _listener = new UdpHeartbeatListener(_tracker, _keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        _listener.Start();
        SessionId session = _tracker.Join("zhangsan").Session;
        _terms = [$"{_listener.LocalEndPoint!.Port}", $"{session}", Convert.ToHexString(_keys.Issue("zhangsan", session)!)];
    }

    [TearDown]
    public void TearDown()
    {
        _listener.Dispose();
        _keys.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void Sender_OnMono_IsAcknowledgedAndKnowsWhenItsSessionIsOver()
    {
        string configuration = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(InteroperabilityTests).Assembly.Location)))!;
        string program = Path.Combine(Folder, "..", "Presence.Udp.Client.Tests.OldHost", "bin", configuration, "netstandard2.1", "Presence.Udp.Client.Tests.OldHost.dll");
        using Process client = Start("mono", "apt-get install --no-install-recommends mono-devel", [program, .. _terms]);

        string? line = client.StandardOutput.ReadLine();
        TestContext.Out.WriteLine(line);
        _tracker.Leave("zhangsan");
        WaitForExit(client);

        Assert.That(client.ExitCode, Is.Zero, line);
    }

    [Test]
    public void Client_InC_IsAcknowledged()
    {
        Assume.That(OperatingSystem.IsLinux(), "links the OpenSSL that .NET uses on Linux");
        string program = Path.Combine(TestContext.CurrentContext.WorkDirectory, "client");
        using (Process compiler = Start("cc", "apt-get install gcc libc6-dev", [Path.Combine(Folder, "client.c"), "-Wall", "-Wextra", "-Werror", "-l:libcrypto.so.3", "-o", program]))
        {
            WaitForExit(compiler);
            Assert.That(compiler.ExitCode, Is.Zero, compiler.StandardError.ReadToEnd());
        }

        using Process client = Start(program, "", ["127.0.0.1", .. _terms, "20"]);
        WaitForExit(client);

        Assert.That((client.ExitCode, client.StandardOutput.ReadToEnd().Trim()), Is.EqualTo((0, "20 acknowledged")));
    }

    private static string Folder
    {
        get
        {
            string root = TestContext.CurrentContext.TestDirectory;
            while (!File.Exists(Path.Combine(root, "Presence.sln")))
            {
                root = Path.GetDirectoryName(root)!;
            }

            return Path.Combine(root, "tests", "Presence.Udp.Client.Tests");
        }
    }

    private static Process Start(string program, string remedy, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Ignore($"needs {program}: {remedy}");
            throw;
        }
    }

    private static void WaitForExit(Process process)
    {
        if (!process.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            process.Kill();
            Assert.Fail($"{process.StartInfo.FileName} did not end");
        }
    }
}
