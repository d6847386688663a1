using CsCheck;
using Presence.Engine;

namespace Presence.Tests.Engine;

/// <summary>What the first pass counts is what the tick then finds, with and without limits of their own.</summary>
[TestFixture]
public sealed class SweeperTests
{
    private const int Limit = 4;

    private static readonly ExpiryHold HoldOfAll = new() { IsOn = true, MaxTicks = int.MaxValue };

    private static readonly Gen<(int Limit, int BeatenUntil)[]> GenSessions = Gen.Select(Gen.Int[1, 8], Gen.Int[0, 12]).Array[1, 80];

    [TestCase(null)]
    [TestCase(1)]
    [TestCase(3)]
    [TestCase(int.MaxValue)]
    public void Look_BeforeAnyTick_CountsWhoIsDueAndSilentAtItWhateverIsSuspicion(int? suspectAfter) =>
        Gen.Select(GenSessions, Gen.Bool).Sample((all, haveOwnLimits) =>
        {
            var table = new SessionTable(HeartbeatRule.Reset, Limit, suspectAfter);
            var sweeper = new Sweeper(table, Limit);
            List<(SessionId Session, int BeatenUntil)> sessions = [];
            foreach ((int ownLimit, int beatenUntil) in all)
            {
                int limit = haveOwnLimits ? ownLimit : Limit;
                SessionId session = Join(table, limit);
                sessions.Add((session, beatenUntil));
            }

            HashSet<SessionId> suspects = [];
            for (int tick = 1; tick <= 20; tick++)
            {
                (int due, int silent) = sweeper.Look();
                table.Advance(judge: false);
                ClientStatus[] status = [.. sessions.Select(session => table.TryRead(session.Session, out ClientStatus read) ? read : default)];
                Assert.That(due, Is.EqualTo(status.Count(client => client.Count > client.ExpireAfter)), $"due at {tick}");
                Assert.That(silent, Is.EqualTo(status.Count(client => client.Count > Math.Max(1, client.ExpireAfter / 2))), $"silent at {tick}");

                SweepFindings findings = sweeper.Judge(new ExpiryTerms { Hold = HoldOfAll });
                suspects.UnionWith(Sessions(findings.Suspected));
                suspects.ExceptWith(Sessions(findings.Recovered));
                Assert.That(suspects, Is.EquivalentTo(status.Where(client => client.IsSuspect).Select(client => client.Session)), $"suspect at {tick}");
                Assert.That(findings.Held, Is.EqualTo(due), $"held at {tick}");
                sessions.ForEach(session => Assert.That(tick >= session.BeatenUntil || table.TryBeat(session.Session)));
            }
        });

    [Test]
    public void Judge_OfMoreThanItMayClose_ClosesThatManyAndFirstWhoHasBeenDueForLongest()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 1);
        var sweeper = new Sweeper(table, 1);
        List<SessionId> joined = [];
        for (int tick = 0; tick < 10; tick++)
        {
            joined.InsertRange(0, Enumerable.Range(0, 100).Select(_ => Join(table, limit: 40 - (3 * tick)))); // the later the sooner due, in higher slots
            table.Advance(judge: false);
        }

        while (table.Now < 32)
        {
            table.Advance(judge: false);
        }

        sweeper.Look();
        table.Advance(judge: false); // 41 - 2 tick is the deadline: 600 are due
        SessionId[] suspects = [.. joined.Where(session => table.TryRead(session, out ClientStatus status) && status.IsSuspect)];
        SweepFindings named = sweeper.Judge(new ExpiryTerms { MaxSeenTo = 150, IsAsked = session => session == joined[0] });
        SweepFindings closed = sweeper.Judge(new ExpiryTerms { MaxSeenTo = 250 });

        Assert.That((named.Closed.Count, named.ToAsk.Count), Is.EqualTo((0, 150)));
        Assert.That(named.ToAsk.Select(due => due.Session), Is.SubsetOf(joined[1..200]).And.SupersetOf(joined[1..100]), "all that fell due first but the one that is asked about");
        Assert.That(Sessions(named.Suspected), Is.EquivalentTo(suspects).And.SupersetOf(joined[..600]), "those that are asked about, those that wait, and those that are not due");
        Assert.That((closed.Closed.Count, closed.ToAsk.Count), Is.EqualTo((250, 0)));
        Assert.That(Sessions(closed.Closed), Is.Unique.And.SubsetOf(joined[..300]).And.SupersetOf(joined[..200]));
        Assert.That((table.Online, closed.Suspected.Count), Is.EqualTo((750L, 0)));
    }

    [Test]
    public void Judge_OfMoreThanItMayClose_NotesThoseWhoWaitAsSuspects()
    {
        var table = new SessionTable(HeartbeatRule.Reset, Limit);
        var sweeper = new Sweeper(table, Limit);
        SessionId[] sessions = [.. Enumerable.Range(0, 5).Select(_ => Join(table, Limit))];
        while (table.Now <= Limit)
        {
            table.Advance(judge: false);
        }

        sweeper.Look();
        SweepFindings findings = sweeper.Judge(new ExpiryTerms { MaxSeenTo = 2 });

        Assert.That(Sessions(findings.Suspected).Concat(Sessions(findings.Closed)), Is.EquivalentTo(sessions));
    }

    [Test]
    public void Slot_OfASessionWithALimitOfItsOwn_IsTakenForTheDefaultsWhenItIsOver()
    {
        var table = new SessionTable(HeartbeatRule.Reset, Limit);
        SessionId session = Join(table, Limit + 1);
        SlotSet own = table.Chunks[0].OwnLimits!;
        int before = own.Next(0);
        table.CloseNeedsLock(session, PresenceChanges.Left, successor: default, out _, out _);
        table.Release(session);

        Assert.That((before, own.Next(0)), Is.EqualTo(((int)SessionTable.SlotOf(session), -1)));
    }

    [Test]
    public void Judge_WithAHold_KeepsEachForTheTimeOfItsOwnLimit()
    {
        var table = new SessionTable(HeartbeatRule.Reset, Limit);
        var sweeper = new Sweeper(table, Limit);
        int[] limits = [1, 2, Limit, 6];
        SessionId[] sessions = [.. limits.Select(limit => Join(table, limit))];
        var ends = new Dictionary<SessionId, long>();
        while (table.Online > 0)
        {
            sweeper.Look();
            table.Advance(judge: false);
            foreach (SessionId session in Sessions(sweeper.Judge(new ExpiryTerms { Hold = new ExpiryHold { IsOn = true } }).Closed))
            {
                ends.Add(session, table.Now);
            }
        }

        Assert.That(sessions.Select(session => ends[session]), Is.EqualTo(limits.Select(limit => (3 * limit) + 1)));
    }

    [Test]
    public void Tick_ThatFindsNobody_AllocatesNothing()
    {
        var table = new SessionTable(HeartbeatRule.Reset, PresenceOptions.MaxExpireAfter);
        var sweeper = new Sweeper(table, PresenceOptions.MaxExpireAfter);
        Join(table, PresenceOptions.MaxExpireAfter);
        Join(table, PresenceOptions.MaxExpireAfter - 1);
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
            sweeper.Judge(default);
        }
    }

    private static SessionId Join(SessionTable table, int limit)
    {
        SessionId session = table.Reserve("client", null, limit);
        table.Start(session, limit, table.Now);
        return session;
    }

    private static IEnumerable<SessionId> Sessions(SessionBatches batches) => batches.All.SelectMany(batch => batch);
}
