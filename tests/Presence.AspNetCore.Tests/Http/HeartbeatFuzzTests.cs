using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Presence.AspNetCore.Tests.Http;

/// <summary>Whatever is sent, no request fails inside the server, and no session is kept or ended by who has no token for it.</summary>
[TestFixture]
public sealed class HeartbeatFuzzTests
{
    private static readonly int Rounds = TestScale.Of(1_000, 50_000);

    private static readonly string[] Methods = ["POST", "DELETE", "GET", "PUT", "HEAD", "OPTIONS", "PATCH", "X"];

    private static readonly string[] Paths = ["/heartbeats", "/heartbeats/beat", "/heartbeats/", "/heartbeats/beat/", "/heartbeats//beat", "/heartbeats/%00", "/HEARTBEATS/BEAT?x=1"];

    private static readonly string[] Bodies = ["", "{}", "{", "null", "\"\\ud800\"", "[[[[[[[[", "token=1", "\0\0\0"];

    [Test]
    public async Task Requests_OfAnyKind_NeitherFailNorTouchASession()
    {
        await using HeartbeatHost host = await HeartbeatHost.StartAsync();
        string token = await host.LogInAsync("good");
        host.Ticks.Advance(3);
        await TestContext.Out.WriteLineAsync($"PRESENCE_SEED={TestScale.Seed}");
        var random = new Random(TestScale.Seed);

        for (int round = 0; round < Rounds; round++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(Pick(random, Methods)), Pick(random, Paths)) { Content = new StringContent(Pick(random, Bodies), Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("Authorization", Authorization(random, token));
            using HttpResponseMessage response = await host.Client.SendAsync(request);
            Assert.That((int)response.StatusCode, Is.InRange(400, 499), $"{request.Method} {request.RequestUri} {request.Headers}");
        }

        Assert.That((host.Tracker.OnlineCount, host.Tracker.Snapshot().Single().Count), Is.EqualTo((1, 3)));
        Assert.That(await host.BeatAsync(token), Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task Bytes_OfAnyKind_LeaveTheServerWell()
    {
        await using HeartbeatHost host = await HeartbeatHost.StartAsync();
        string token = await host.LogInAsync("good");
        var random = new Random(TestScale.Seed);
        byte[] good = Encoding.ASCII.GetBytes($"POST /heartbeats/beat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {new string('A', 32)}\r\nContent-Length: 2\r\n\r\n{{}}");

        for (int round = 0; round < Rounds / 5; round++)
        {
            byte[] bytes = [.. good];
            for (int change = random.Next(4); change >= 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            using var tcp = new TcpClient();
            await tcp.ConnectAsync("127.0.0.1", host.Client.BaseAddress!.Port);
            await tcp.GetStream().WriteAsync(bytes.AsMemory(0, random.Next(bytes.Length)));
        }

        Assert.That(await host.BeatAsync(token), Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(host.Tracker.OnlineCount, Is.EqualTo(1));
    }

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];

    /// <summary>Nothing, a token of nobody, or the right one with something wrong.</summary>
    private static string Authorization(Random random, string token)
    {
        char[] changed = token.ToCharArray();
        int place = 11 + random.Next(changed.Length - 11);
        changed[place] = changed[place] == 'x' ? 'y' : 'x';
        byte[] noise = new byte[random.Next(40)];
        random.NextBytes(noise);
        return random.Next(6) switch
        {
            0 => "",
            1 => $"Bearer {Convert.ToBase64String(noise)}",
            2 => $"Bearer {token[..random.Next(token.Length)]}",
            3 => $"Bearer {token}{token[..(1 + random.Next(4))]}",
            4 => $"Bearer {new string(changed)}",
            _ => $"Basic {token}",
        };
    }
}
