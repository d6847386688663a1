using CsCheck;
using Presence.Engine;

namespace Presence.Tests.Engine;

/// <summary>What the first pass counts is what the tick then finds, with and without limits of their own.</summary>
[TestFixture]
public sealed class SweeperTests
{
    private const int Limit = 4;

    private static readonly Gen<(int Limit, int BeatenUntil)[]> GenSessions = Gen.Select(Gen.Int[1, 8], Gen.Int[0, 12]).Array[1, 80];

    [TestCase(null)]
    [TestCase(1)]
    [TestCase(3)]
    [TestCase(int.MaxValue)]
    public void Look_BeforeAnyTick_CountsWhoIsDueAndSuspectAtIt(int? suspectAfter) =>
        Gen.Select(GenSessions, Gen.Bool).Sample((all, haveOwnLimits) =>
        {
            var table = new SessionTable(HeartbeatRule.Reset, Limit, suspectAfter);
            var sweeper = new Sweeper(table);
            List<(SessionId Session, int BeatenUntil)> sessions = [];
            foreach ((int ownLimit, int beatenUntil) in all)
            {
                int limit = haveOwnLimits ? ownLimit : Limit;
                SessionId session = table.Reserve("client", null, limit);
                table.Start(session, limit, table.Now);
                sessions.Add((session, beatenUntil));
            }

            for (int tick = 1; tick <= 10; tick++)
            {
                (int due, int suspect) = sweeper.Look();
                table.Advance(judge: false);
                ClientStatus[] status = [.. sessions.Select(session => table.TryRead(session.Session, out ClientStatus read) ? read : default)];
                Assert.That(due, Is.EqualTo(status.Count(client => client.Count > client.ExpireAfter)), $"due at {tick}");
                Assert.That(suspect, Is.EqualTo(status.Count(client => client.Count > client.ExpireAfter || client.IsSuspect)), $"suspect at {tick}");
                sweeper.Judge(0, closes: false);
                sessions.ForEach(session => Assert.That(tick >= session.BeatenUntil || table.TryBeat(session.Session)));
            }
        });

    [Test]
    public void Judge_OfMoreThanItMayClose_ClosesThatMany()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 1);
        var sweeper = new Sweeper(table);
        for (int i = 0; i < 1_000; i++)
        {
            table.Start(table.Reserve("client", null, 1), 1, table.Now);
        }

        table.Advance(judge: false);
        sweeper.Look();
        table.Advance(judge: false);
        SweepFindings closed = sweeper.Judge(300, closes: true);
        SweepFindings named = sweeper.Judge(300, closes: false);

        Assert.That((closed.Closed.Count, closed.LeftDue.Count), Is.EqualTo((300, 0)));
        Assert.That((named.Closed.Count, named.LeftDue.Count), Is.EqualTo((0, 300)));
        Assert.That(closed.Closed.All.SelectMany(batch => batch).Distinct().Count(), Is.EqualTo(300));
        Assert.That(table.Online, Is.EqualTo(700));
    }

    [Test]
    public void Tick_ThatFindsNobody_AllocatesNothing()
    {
        var table = new SessionTable(HeartbeatRule.Reset, PresenceOptions.MaxExpireAfter);
        var sweeper = new Sweeper(table);
        table.Start(table.Reserve("client", null, PresenceOptions.MaxExpireAfter), PresenceOptions.MaxExpireAfter, table.Now);
        Tick();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            Tick();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Tick()
        {
            sweeper.Look();
            table.Advance(judge: true);
            sweeper.Judge(int.MaxValue, closes: true);
        }
    }
}
