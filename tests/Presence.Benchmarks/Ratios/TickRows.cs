using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Limits;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>A tick at which nothing is due.</summary>
internal static class TickRows
{
    private const int Thousand = 1_000;
    private const int Million = 1_000_000;

    public static IEnumerable<Row> Measure()
    {
        using PresenceContender one = Filled(new PresenceContender(), Million);
        var read = new PlainRead(Million);
        (double ours, double reference) = Interleaved.Blocks(4, 100, 1, () => { }, _ => one.Tick(), _ => read.Sum());
        yield return new Row("tick-1M/plain-read", ours / 1e3, reference / 1e3, "us", 1.25);

        using PresenceContender mixed = WithOwnLimits(16);
        (ours, reference) = Interleaved.Blocks(4, 100, 1, () => { }, _ => mixed.Tick(), _ => read.Sum());
        yield return new Row("tick-1M-16-own-limits/plain-read", ours / 1e3, reference / 1e3, "us", 1.5);

        using ClassicRule classic = Filled(new ClassicRule(), Million);
        (ours, reference) = Interleaved.Blocks(3, 7, 1, () => { }, _ => one.Tick(), _ => classic.Tick());
        yield return new Row("tick-1M/classic", ours / 1e3, reference / 1e3, "us", 1 / 200.0);

        using PresenceContender ten = Filled(new PresenceContender(), 10 * Million);
        var tenRead = new PlainRead(10 * Million);
        (ours, reference) = Interleaved.Blocks(4, 20, 1, () => { }, _ => ten.Tick(), _ => tenRead.Sum());
        yield return new Row("tick-10M/plain-read", ours / 1e3, reference / 1e3, "us", 1.25);

        // Linear or better: while the words fit the cache by itself, beyond it against what reading memory costs more than reading cache.
        using PresenceContender few = Filled(new PresenceContender(), Thousand);
        var fewRead = new PlainRead(Thousand);
        (double million, double thousand) = Interleaved.Blocks(4, 100, 1, () => { }, _ => one.Tick(), _ => few.Tick());
        yield return new Row("tick-per-client-1M/1k", million / Million, thousand / Thousand, "ns", 1);
        (double thousandRead, _) = Interleaved.Blocks(4, 100, 100, () => { }, _ => Repeat(fewRead, 100), _ => fewRead.Sum());
        yield return new Row("tick-growth-1k-10M/plain-read-growth", ours / thousand, reference / thousandRead, "x", 1);
    }

    private static void Repeat(PlainRead read, int times)
    {
        for (int i = 0; i < times; i++)
        {
            read.Sum();
        }
    }

    /// <summary>A million clients, of which some, one in each chunk of slots, have limits of their own: longer ones, and shorter ones, all too long to run out here.</summary>
    private static PresenceContender WithOwnLimits(int count)
    {
        var contender = new PresenceContender(PresenceOptions.MaxExpireAfter / 2);
        string[] ids = Clients.Ids(Million);
        for (int client = 0; client < Million; client++)
        {
            int? own = (client / (Million / count) % 2) == 0 ? PresenceOptions.MaxExpireAfter : PresenceOptions.MaxExpireAfter / 10;
            contender.Tracker.Join(ids[client], new JoinOptions { ExpireAfter = client % (Million / count) == 0 ? own : null });
        }

        return contender;
    }

    private static T Filled<T>(T contender, int clients)
        where T : IContender
    {
        foreach (string clientId in Clients.Ids(clients))
        {
            contender.Join(clientId);
        }

        return contender;
    }
}
