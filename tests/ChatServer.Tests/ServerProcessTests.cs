using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Presence.Redis.Tests.Stores;

namespace ChatServer.Tests;

/// <summary>The server in a process that has little: few files to open, or nobody who reads its console.</summary>
[Platform(Exclude = "Win", Reason = "There is no limit of open files to set, nor a shell to set it in.")]
public sealed partial class ServerProcessTests
{
    [TestCase("ulimit -n 1024", 500, 1000)]
    [TestCase("ulimit -Sn 256 && ulimit -Hn 1024", 500, 1000)] // the soft limit is raised
    [TestCase("ulimit -n 400", 1, 300)]
    [TestCase("ulimit -n 256", 1, 60)] // what some systems give a process
    public async Task Server_WithFewOpenFiles_SaysWhatIsGrantedAndOutlivesACrowd(string limit, int least, int most)
    {
        using ChildProcess server = ChildProcess.StartAfter(
            limit, "ChatServer", "--tcp-port", "0", "--udp-port", "0", "--http-port", "0", "--set", "Chat:MaxConnectionsPerAddress=100000");
        string granted = Granted().Match(await server.ReadUntilAsync("Of 10000 connections only")).Groups[1].Value;
        Assert.That(int.Parse(granted, CultureInfo.InvariantCulture), Is.InRange(least, most));
        int port = int.Parse(TcpPort().Match(await server.ReadUntilAsync("Listening: chat")).Groups[1].Value, CultureInfo.InvariantCulture);
        using TestClient user = await TestClient.ConnectAsync(port);
        await user.LogInAsync("user");

        var crowd = new List<Socket>();
        for (int i = 0; i < 1200; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            crowd.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, port);
        }

        Assert.That(await user.WhoAsync(), Is.EqualTo(["user"]));
        crowd.ForEach(socket => socket.Dispose());
        await LogInWhenThereIsRoomAsync(port, "later");
        Assert.That(server.HasExited, Is.False);
    }

    [Test]
    public async Task Server_WithTooFewOpenFiles_SaysSoAndFails()
    {
        using ChildProcess server = ChildProcess.StartAfter("ulimit -n 215", "ChatServer", "--tcp-port", "0", "--udp-port", "0", "--http-port", "0");
        await server.ReadUntilAsync("The chat server cannot start. This process may open 215 files");
        Assert.That(await server.ExitCodeAsync(), Is.EqualTo(1));
    }

    [TestCase(10_000, 1024ul, 190, 706, 64)]
    [TestCase(100, 1024ul, 190, 100, 64)]
    [TestCase(10_000, 256ul, 190, 1, 1)]
    [TestCase(10_000, 258ul, 190, 3, 1)]
    [TestCase(10_000, 266ul, 190, 9, 3)]
    [TestCase(10_000, ulong.MaxValue, 190, 10_000, 64)]
    public void Grant_OfWhatIsWanted_LeavesRoomForTheRest(int wanted, ulong most, int open, int chat, int page) =>
        Assert.That(OpenFiles.Grant(wanted, most, open), Is.EqualTo(new OpenFilesGrant(chat, page)));

    [Test]
    public void Grant_OfNone_IsRefused() => Assert.That(() => OpenFiles.Grant(100, 255, 190), Throws.TypeOf<StartException>());

    [Test]
    public async Task Server_WhoseConsoleNobodyReads_ServesAllTheSame()
    {
        int port = FreePort.Next();
        using ChildProcess server = ChildProcess.StartUnread(
            "ChatServer", "--tcp-port", $"{port}", "--udp-port", "0", "--http-port", "0", "--set", "Logging:LogLevel:Default=Trace", "--set", "Logging:LogLevel:Microsoft=Trace");
        await Wait.UntilAsync(() => IsListening(port));
        for (int i = 0; i < 1000; i++) // each of which is logged in many lines, at this level
        {
            using TestClient client = await TestClient.ConnectAsync(port);
            await client.LogInAsync($"user{i}");
        }
    }

    private static bool IsListening(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task LogInWhenThereIsRoomAsync(int port, string user)
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        while (true)
        {
            try
            {
                using TestClient client = await TestClient.ConnectAsync(port);
                await client.LogInAsync(user);
                return;
            }
            catch (Exception exception) when (exception is IOException or SocketException && !limit.IsCancellationRequested)
            {
                // the crowd is being seen off
            }
        }
    }

    [GeneratedRegex(@"only (\d+) can be had")]
    private static partial Regex Granted();

    [GeneratedRegex(@"TCP port (\d+)")]
    private static partial Regex TcpPort();
}
