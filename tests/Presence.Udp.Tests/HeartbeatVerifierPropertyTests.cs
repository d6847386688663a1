using CsCheck;
using Moq;
using Presence.Udp.Receiving;

namespace Presence.Udp.Tests;

/// <summary>Whatever comes in whatever order: only the genuine and newer is accepted, each once, and the rest changes nothing.</summary>
[TestFixture]
public sealed class HeartbeatVerifierPropertyTests
{
    private enum Kind
    {
        Genuine,
        Replayed,
        Truncated,
        Extended,
        BitFlipped,
        Forged,
        OfAnotherSession,
    }

    private static readonly Gen<(Kind Kind, ulong Sequence, int Choice)> Event = Gen.Select(
        Gen.Enum<Kind>(),
        Gen.Frequency((8, Gen.ULong[1, 40]), (1, Gen.ULong), (1, Gen.Const(ulong.MaxValue))), // few values, so that many are replayed or reordered
        Gen.Int[0, 319]);

    [Test]
    public void Accept_AnyInterleaving_TakesOnlyTheGenuineAndNewerEachOnce() => Event.Array[1, 60].Sample(Holds, iter: 1_000);

    private static bool Holds((Kind Kind, ulong Sequence, int Choice)[] events)
    {
        using var tracker = new PresenceTracker(new PresenceOptions(), new ManualTickSource());
        using var keys = new HeartbeatKeys(tracker);
        SessionId[] sessions = [tracker.Join("zhangsan").Session, tracker.Join("lisi").Session];
        byte[][] sessionKeys = [keys.Issue("zhangsan", sessions[0])!, keys.Issue("lisi", sessions[1])!];
        var beats = new Dictionary<SessionId, int>();
        using var verifier = new HeartbeatVerifier(CountingSink(beats), keys, new BeatCensus(), new OutcomeCounts());
        ulong[] last = [0, 0]; // the model: the last genuine sequence of each session
        int[] accepted = [0, 0];

        foreach ((Kind kind, ulong sequence, int choice) in events)
        {
            int who = choice % 2;
            byte[] datagram = Datagrams.Genuine(sessionKeys[who], sessions[who], kind == Kind.Replayed ? Math.Min(sequence, last[who]) : sequence);
            bool isGenuine = kind is Kind.Genuine or Kind.Replayed;
            datagram = kind switch
            {
                Kind.Truncated => datagram[..(choice % HeartbeatDatagram.Length)],
                Kind.Extended => [.. datagram, .. new byte[1 + choice]],
                Kind.Forged => Datagrams.Forged(sessions[who], sequence),
                Kind.OfAnotherSession => Datagrams.Genuine(sessionKeys[1 - who], sessions[who], sequence),
                _ => datagram,
            };
            if (kind == Kind.BitFlipped)
            {
                datagram[choice / 8] ^= (byte)(1 << (choice % 8));
            }

            bool isExpected = isGenuine && sequence > last[who] && kind == Kind.Genuine;
            if ((verifier.Accept(datagram, out _) == DatagramOutcome.Accepted) != isExpected)
            {
                return false;
            }

            if (isExpected)
            {
                last[who] = sequence;
                accepted[who]++;
            }
        }

        return keys.Count == 2 && Enumerable.Range(0, 2).All(who => beats.GetValueOrDefault(sessions[who]) == accepted[who]);
    }

    private static IHeartbeatSink CountingSink(Dictionary<SessionId, int> beats)
    {
        var sink = new Mock<IHeartbeatSink>();
        sink.Setup(s => s.Heartbeat(It.IsAny<SessionId>()))
            .Returns((SessionId session) =>
            {
                beats[session] = beats.GetValueOrDefault(session) + 1;
                return true;
            });
        return sink.Object;
    }
}
