using System.Text;
using Presence;

namespace ChatServer.Tests;

/// <summary>What strangers send is read without an exception, whatever it is, and leaves nothing behind.</summary>
[TestFixture]
public sealed class JsonFuzzTests
{
    private const int Inputs = 500_000;
    private const long MaxGrowth = 4 << 20;

    private static readonly byte[][] Genuine =
    [
        Encoding.UTF8.GetBytes("""{"type":"heartbeat","user":"zhangsan","session":"0123456789abcdef"}"""),
        Encoding.UTF8.GetBytes("""{"type":"login","user":"张三"}"""),
        Encoding.UTF8.GetBytes("""{"type":"tell","to":"lisi","text":"h\u00e9\ud83d\ude00 \"hi\""}"""),
    ];

    [Test]
    public void JsonHeartbeat_OfRandomAndMutatedDatagrams_ThrowsNothingAndKeepsNothing() =>
        Feed(input => JsonHeartbeat.TryRead(input, out _, out SessionId _));

    [Test]
    public void ClientMessage_OfRandomAndMutatedLines_ThrowsNothingAndKeepsNothing() =>
        Feed(input => ClientMessage.TryParse(input) is { } message && UserName.TryParse(message.User, out _));

    private static void Feed(Func<byte[], bool> read)
    {
        var random = new Random(20261123);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int accepted = 0;
        for (int i = 0; i < Inputs; i++)
        {
            byte[] input = Next(random);
            try
            {
                accepted += read(input) ? 1 : 0;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{exception.GetType().Name}: {exception.Message} for {Convert.ToHexString(input)}");
            }
        }

        TestContext.Out.WriteLine($"{accepted} of {Inputs} accepted");
        Assert.That(accepted, Is.Positive, "some are still genuine");
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(MaxGrowth));
    }

    /// <summary>One in eight is random; the others are genuine with up to four bytes changed, or cut short.</summary>
    private static byte[] Next(Random random)
    {
        if (random.Next(8) == 0)
        {
            byte[] noise = new byte[random.Next(100)];
            random.NextBytes(noise);
            return noise;
        }

        byte[] mutated = [.. Genuine[random.Next(Genuine.Length)]];
        for (int change = random.Next(5); change > 0; change--)
        {
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        }

        return random.Next(8) == 0 ? mutated[..random.Next(mutated.Length)] : mutated;
    }
}
