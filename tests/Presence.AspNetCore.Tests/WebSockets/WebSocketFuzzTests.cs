using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Presence.AspNetCore.Tests.WebSockets;

/// <summary>Whatever is sent, the server goes on and leaves no session behind.</summary>
[TestFixture]
public sealed class WebSocketFuzzTests
{
    private static readonly int Rounds = TestScale.Of(200, 5_000);

    [Test]
    public async Task Frames_OfAnyKind_LeaveOthersAlone()
    {
        await using SocketHost host = await SocketHost.StartAsync(options => options.MaxMessageSize = 1_000);
        using ClientWebSocket good = await host.ConnectAsync("good");
        await TestContext.Out.WriteLineAsync($"PRESENCE_SEED={TestScale.Seed}");
        var random = new Random(TestScale.Seed);

        for (int round = 0; round < Rounds; round++)
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", new Uri(host.Url).Port);
            NetworkStream stream = tcp.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"GET /ws?user=fuzz{round % 7} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
            try
            {
                for (int frame = random.Next(5); frame >= 0; frame--)
                {
                    await stream.WriteAsync(Frame(random));
                }
            }
            catch (IOException)
            {
                // It was thrown out.
            }
        }

        await good.SendTextAsync("here");
        Assert.That(await good.ReadTextAsync(), Is.EqualTo("here"));
        await Wait.UntilAsync(() => host.Prober.Count == 1, "the others to be gone");
        for (int i = 0; i < 12; i++)
        {
            await host.TickAsync();
            await good.SendTextAsync(WebSocketPresenceOptions.Answer);
            await Wait.UntilAsync(() => host.Tracker.TryGetClient("good", out ClientStatus status) && status.Count == 0, "its answer");
        }

        await host.OnlineAsync(1);
    }

    /// <summary>A frame that is right, or nearly, or nothing of the kind.</summary>
    private static byte[] Frame(Random random)
    {
        byte[] noise = new byte[random.Next(60)];
        random.NextBytes(noise);
        byte first = (byte)(random.Next(4) == 0 ? random.Next(256) : 0x80 | random.Next(0, 11)); // mostly an opcode that there is, and the last of its message
        return random.Next(5) switch
        {
            0 => noise,
            1 => [first, (byte)noise.Length, .. noise], // not masked, which a client must
            2 => [first, 0x80 | 126, 0x7F, 0xFF, 1, 2, 3, 4, .. noise], // longer than it is, or than it may be
            _ => [first, (byte)(0x80 | noise.Length), 0, 0, 0, 0, .. noise],
        };
    }
}
