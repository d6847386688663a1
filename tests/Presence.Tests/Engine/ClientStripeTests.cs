using CsCheck;
using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class ClientStripeTests
{
    private enum Change
    {
        Join,
        Replace,
        Leave,
    }

    /// <summary>Few hashes, so that nearly all clients collide, some with the mark of what was removed; and some at the end of the table, so that probes go round it.</summary>
    private static readonly Gen<ClientKey> GenClient = Gen.Select(Gen.Int[0, 40], Gen.OneOf(Gen.UInt[0, 2], Gen.UInt[uint.MaxValue - 1, uint.MaxValue]), (id, hash) => new ClientKey($"client-{id}-{hash}", hash));

    private SessionTable _table = null!;
    private ClientStripe _stripe = null!;

    [SetUp]
    public void SetUp()
    {
        _table = new SessionTable(HeartbeatRule.Reset, 5);
        _stripe = new ClientStripe(_table);
    }

    [Test]
    public void Stripe_AfterAnyChanges_FindsWhomADictionaryFinds() =>
        Gen.Select(GenClient, Gen.Enum<Change>()).Array[0, 300].Sample(changes =>
        {
            SetUp();
            var model = new Dictionary<ClientKey, SessionId>();
            foreach ((ClientKey client, Change change) in changes)
            {
                Make(client, change, model);
            }

            foreach (ClientKey client in changes.Select(change => change.Item1).Distinct())
            {
                bool isHere = model.TryGetValue(client, out SessionId session);
                Assert.That((_stripe.TryFind(client.Id, client.Hash, out SessionId found), found), Is.EqualTo((isHere, session)), client.ToString());
                Assert.That(_stripe.TryBeat(client.Id, client.Hash), Is.EqualTo(isHere), client.ToString());
            }

            Assert.That(_stripe.SessionsNeedsLock(), Is.EquivalentTo(model.Values));
        }, threads: 1);

    [Test]
    public async Task TryFind_OfAClientThatIsReplacedAllTheTime_NeverMissesIt()
    {
        ClientKey client = new("zhangsan", 1);
        SessionId session = Start(client);
        _stripe.AddNeedsLock(client.Id, client.Hash, session);
        bool isDone = false;
        Task<(long, long)> finding = Task.Run(() =>
        {
            (long found, long missed) = (0, 0);
            while (!Volatile.Read(ref isDone))
            {
                bool isFound = _stripe.TryFind(client.Id, client.Hash, out _);
                found += isFound ? 1 : 0;
                missed += isFound ? 0 : 1;
            }

            return (found, missed);
        });

        for (int i = 0; i < 1_000_000; i++)
        {
            SessionId newer = Start(client);
            _stripe.ReplaceNeedsLock(client.Hash, session, newer);
            Release(session);
            session = newer;
        }

        Volatile.Write(ref isDone, true);
        (long found, long missed) = await finding;
        Assert.That((found > 0, missed), Is.EqualTo((true, 0)), $"{found} found");
    }

    [Test]
    public async Task TryFind_WhileOthersComeAndGo_NeverMissesAClientThatStays()
    {
        ClientKey[] staying = [.. Enumerable.Range(0, 20).Select(i => new ClientKey($"staying-{i}", (uint)i))];
        foreach (ClientKey client in staying)
        {
            _stripe.AddNeedsLock(client.Id, client.Hash, Start(client));
        }

        bool isDone = false;
        Task<int> finding = Task.Run(() =>
        {
            int missed = 0;
            while (!Volatile.Read(ref isDone))
            {
                missed += staying.Count(client => !_stripe.TryFind(client.Id, client.Hash, out _) || !_stripe.TryBeat(client.Id, client.Hash));
            }

            return missed;
        });

        var random = new Random(1);
        var others = new Dictionary<ClientKey, SessionId>();
        for (int i = 0; i < 300_000; i++)
        {
            int id = random.Next(i % 10_000 < 5_000 ? 40 : 400); // the table grows and shrinks
            ClientKey other = new($"other-{id}", (uint)(id % 32));
            Make(other, others.ContainsKey(other) ? Change.Leave : Change.Join, others);
        }

        Volatile.Write(ref isDone, true);
        Assert.That(await finding, Is.Zero);
    }

    [Test]
    public async Task TryBeat_OfAClientWhoseSlotAnotherIsGiven_NeverBeatsTheOther([Values] bool isRebuilt)
    {
        ClientKey client = new("zhangsan", 1);
        ClientKey other = new("lisi", 1);
        ClientKey[] more = [.. Enumerable.Range(0, isRebuilt ? 7 : 0).Select(i => new ClientKey($"more-{i}", 9))]; // too many for the table as it is without them
        _table.Advance(judge: true);
        bool isDone = false;
        var beating = Task.Run(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                _stripe.TryBeat(client.Id, client.Hash);
            }
        });

        (int sameSlot, int othersBeaten) = (0, 0);
        const int Rounds = 300_000;
        for (int i = 0; i < Rounds; i++)
        {
            SessionId session = Add(client);
            SessionId[] moreSessions = [.. more.Select(Add)];
            Remove(client, session);
            SessionId others = Add(other);
            sameSlot += SessionTable.SlotOf(others) == SessionTable.SlotOf(session) ? 1 : 0;
            _table.TryRead(others, out ClientStatus status);
            othersBeaten += status.Count == 0 ? 1 : 0;
            Remove(other, others);
            for (int j = 0; j < more.Length; j++)
            {
                Remove(more[j], moreSessions[j]);
            }
        }

        Volatile.Write(ref isDone, true);
        await beating;
        Assert.That((sameSlot, othersBeaten), Is.EqualTo((Rounds, 0)));

        SessionId Add(ClientKey added)
        {
            SessionId session = _table.Reserve(added.Id, null, 5);
            _table.Start(session, 5, startedAt: 0); // so that a heartbeat shows
            _stripe.AddNeedsLock(added.Id, added.Hash, session);
            return session;
        }

        void Remove(ClientKey removed, SessionId session)
        {
            _stripe.RemoveNeedsLock(removed.Hash, session);
            Release(session);
        }
    }

    private void Make(ClientKey client, Change change, Dictionary<ClientKey, SessionId> model)
    {
        bool isHere = model.TryGetValue(client, out SessionId session);
        switch (change)
        {
            case Change.Join when !isHere:
                _stripe.AddNeedsLock(client.Id, client.Hash, model[client] = Start(client));
                break;
            case Change.Replace when isHere:
                _stripe.ReplaceNeedsLock(client.Hash, session, model[client] = Start(client));
                Release(session);
                _stripe.RemoveNeedsLock(client.Hash, session); // the client has a newer one
                break;
            case Change.Leave when isHere:
                _stripe.RemoveNeedsLock(client.Hash, session);
                Release(session);
                model.Remove(client);
                break;
        }
    }

    private SessionId Start(ClientKey client)
    {
        SessionId session = _table.Reserve(client.Id, null, 5);
        _table.Start(session, 5, 0);
        return session;
    }

    private void Release(SessionId session)
    {
        _table.CloseNeedsLock(session, PresenceChanges.Left, SessionId.None, out _, out _);
        _table.Release(session);
    }
}
