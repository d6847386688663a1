using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Client.Tests;

/// <summary>A sender whose name server fails, or tells late where the server went: it asks again until it knows, and never in a storm.</summary>
[TestFixture]
public sealed class LookUpTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly IPAddress Old = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress New = IPAddress.Parse("127.0.0.2");

    private readonly ConcurrentQueue<long> _lookUps = new();
    private Socket _atOld = null!;
    private Socket _atNew = null!;

    [SetUp]
    public void SetUp()
    {
        Assume.That(OperatingSystem.IsMacOS(), Is.False, "127.0.0.2 has to be made there: sudo ifconfig lo0 alias 127.0.0.2");
        _lookUps.Clear();
        _atOld = Loopback.Bind(Old);
        _atNew = Loopback.Bind(New, Loopback.PortOf(_atOld));
    }

    [TearDown]
    public void TearDown()
    {
        _atOld?.Dispose();
        _atNew?.Dispose();
    }

    [TestCase(SocketError.TryAgain, 1, 0)]
    [TestCase(SocketError.TryAgain, 1, 1)] // the old server is silent as well
    [TestCase(SocketError.HostNotFound, 3, 0)]
    [TestCase(SocketError.HostNotFound, 3, 1)]
    public void Restart_LookUpFailsAtFirst_SaysSoAndMovesAsSoonAsItIsAnswered(SocketError error, int times, int acknowledgeEach)
    {
        using HeartbeatSender sender = Send(number => number == 1 ? [Old] : number <= 1 + times ? throw new SocketException((int)error) : [New], acknowledgeEach);
        Loopback.WaitUntil(() => sender.Status.Sent >= 3, "beats");

        sender.Restart();
        Loopback.WaitUntil(() => _atNew.Available > 0, "the first at the new address");
        SocketError? told = (sender.Status.LastError as SocketException)?.SocketErrorCode;
        Loopback.Drain(_atOld);
        long sent = sender.Status.Sent;
        Loopback.WaitUntil(() => sender.Status.Sent >= sent + 20, "more beats");

        Assert.Multiple(() =>
        {
            Assert.That(told, Is.EqualTo(error));
            Assert.That(Loopback.Drain(_atOld), Is.Zero);
            Assert.That(_lookUps, acknowledgeEach == 0 ? Has.Count.EqualTo(2 + times) : Has.Count.AtLeast(2 + times), "no more once it is answered, unless the server is silent");
        });
    }

    [Test]
    public void Server_SilentForLong_IsLookedUpAgainUntilTheNameMoves()
    {
        using HeartbeatSender sender = Send(number => number <= 4 ? [Old] : [New], acknowledgeEach: 1);

        Loopback.WaitUntil(() => _atNew.Available > 0, "the first at the new address");

        Assert.That(sender.Status.MustLogInAgain, Is.True, "it goes on when all is over");
    }

    [TestCase(null, 0, TestName = "LookUps_NameThatIsNeverFound_AreFewerAndFewer")]
    [TestCase("255.255.255.255", 0, TestName = "LookUps_AddressThatCannotBeSentTo_AreFewerAndFewer")]
    [TestCase("127.0.0.1", 1, TestName = "LookUps_ServerThatNeverAnswers_AreFewerAndFewer")]
    public void LookUps_OfTrouble_AreFewerAndFewer(string? address, int acknowledgeEach)
    {
        using HeartbeatSender sender = Send(
            number => address is null ? throw new SocketException((int)SocketError.TryAgain) : [IPAddress.Parse(address)], acknowledgeEach);

        Loopback.WaitUntil(() => _lookUps.Count >= 5, "five look-ups");

        long[] times = [.. _lookUps.Take(5)];
        TimeSpan[] pauses = [.. times.Skip(1).Zip(times, (later, earlier) => Stopwatch.GetElapsedTime(earlier, later))];
        Assert.That(pauses[2..], Is.All.GreaterThan(TimeSpan.FromSeconds(0.4)), "it began with half a second, half of which may be taken off, and doubles it");
        Assert.That(pauses[3], Is.GreaterThan(TimeSpan.FromSeconds(0.8)));
    }

    [Test]
    public void Restart_WhileItIsRepeated_LooksUpAtOnce()
    {
        using HeartbeatSender sender = Send(number => number <= 4 ? throw new SocketException((int)SocketError.TryAgain) : [New], acknowledgeEach: 0);
        Loopback.WaitUntil(() => _lookUps.Count == 3, "the pause of one second and more");

        long start = Stopwatch.GetTimestamp();
        sender.Restart(); // fails too, and has pauses of its own
        Loopback.WaitUntil(() => _atNew.Available > 0, "the first beat");

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(1.9)), "the next pause would have been two seconds and more");
    }

    [Test]
    public void Dispose_WhileItIsRepeated_EndsThat()
    {
        HeartbeatSender sender = Send(_ => throw new SocketException((int)SocketError.TryAgain), acknowledgeEach: 0);
        Loopback.WaitUntil(() => _lookUps.Count == 2, "the pause of a second at most");

        sender.Dispose();

        Assert.That(SpinWait.SpinUntil(() => _lookUps.Count > 2, TimeSpan.FromSeconds(1.5)), Is.False);
    }

    private HeartbeatSender Send(Func<int, IPAddress[]> resolve, int acknowledgeEach)
    {
        int number = 0;
        return new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = "server",
                Port = Loopback.PortOf(_atOld),
                Session = 1,
                Key = new byte[32],
                Interval = Interval,
                ExpireAfter = 9,
                AcknowledgeEach = acknowledgeEach,
            },
            static answer => answer(),
            null,
            null,
            _ =>
            {
                _lookUps.Enqueue(Stopwatch.GetTimestamp());
                return resolve(Interlocked.Increment(ref number));
            });
    }
}
