using CsCheck;

namespace Presence.Tests.Guards;

/// <summary>No more expiries a tick than the host can take, the longest overdue first; who waits is suspect, and a heartbeat rescues.</summary>
[TestFixture]
public sealed class ExpiryRateTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;

    [SetUp]
    public void SetUp()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(new PresenceOptions { MaxExpirationsPerTick = 3, MassExpiryShare = 1 }, _ticks);
        for (int client = 0; client < 8; client++)
        {
            _tracker.Join($"client {client}");
        }
    }

    [TearDown]
    public void TearDown() => _tracker.Dispose();

    [Test]
    public void DueClients_OverTheRate_ExpireAtTheNextTicks()
    {
        int[] online = [.. Enumerable.Range(1, 9).Select(_ =>
        {
            _ticks.Advance();
            return _tracker.OnlineCount;
        })];

        Assert.That(online, Is.EqualTo(new[] { 8, 8, 8, 8, 8, 5, 2, 0, 0 }));
    }

    [Test]
    public void DueClients_OverTheRate_AreRescuedByAHeartbeat()
    {
        _ticks.Advance(6);
        string[] waiting = [.. _tracker.Snapshot().Select(status => status.ClientId)];
        bool allSuspect = _tracker.Snapshot().All(status => status.IsSuspect);

        bool allRescued = waiting.All(_tracker.Heartbeat);
        _ticks.Advance(5);

        Assert.That((waiting.Length, allSuspect, allRescued, _tracker.OnlineCount), Is.EqualTo((5, true, true, 5)));
    }

    [Test]
    public void DueClient_WhateverOthersFallSilentMeanwhile_IsNotOvertaken()
    {
        using var tracker = new PresenceTracker(new PresenceOptions { MaxExpirationsPerTick = 10, MassExpiryShare = 1 }, _ticks);
        for (int client = 0; client < 1_000; client++)
        {
            tracker.Join($"early {client}");
        }

        tracker.Join("dead"); // the last of those who are due with it, and in a higher slot than many who come later
        for (int client = 0; client < 500; client++)
        {
            tracker.Leave($"early {client}");
        }

        int ticks = 0;
        for (int stranger = 0; tracker.TryGetClient("dead", out _) && ticks < 1_000; ticks++)
        {
            for (int i = 0; i < 20; i++)
            {
                tracker.Join($"stranger {stranger++}", new JoinOptions { ExpireAfter = 1 + (stranger % 5) });
            }

            _ticks.Advance();
        }

        // 5 ticks to the limit, and then in turn: after those due no later, which are 500 and the strangers with short limits of the first ticks.
        Assert.That(ticks, Is.LessThanOrEqualTo(5 + ((501 + (5 * 20)) / 10) + 1));
    }

    [Test]
    public void DueClients_OverTheRate_GoInTheOrderInWhichTheyFellDue() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 8].Array[0, 6].Array[1, 30]).Sample((rate, joins) =>
        {
            var ticks = new ManualTickSource();
            using var tracker = new PresenceTracker(new PresenceOptions { MaxExpirationsPerTick = rate, MassExpiryShare = 1 }, ticks);
            var deadlines = new Dictionary<string, int>();
            int joined = 0;
            for (int tick = 1; tick <= joins.Length + 8 || deadlines.Count > 0; tick++)
            {
                foreach (int limit in tick <= joins.Length ? joins[tick - 1] : [])
                {
                    string client = $"client {joined++}";
                    tracker.Join(client, new JoinOptions { ExpireAfter = limit });
                    deadlines.Add(client, tick + limit);
                }

                ticks.Advance();
                string[] gone = [.. deadlines.Keys.Where(client => !tracker.TryGetClient(client, out _))];
                int[] due = [.. deadlines.Values.Where(deadline => deadline <= tick).Order()];
                Assert.That(gone.Select(client => deadlines[client]).Order(), Is.EqualTo(due.Take(rate)), $"at tick {tick}");
                Array.ForEach(gone, client => deadlines.Remove(client));
            }
        });
}
