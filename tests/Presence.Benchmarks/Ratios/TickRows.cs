using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Limits;
using Presence.Benchmarks.Measuring;

namespace Presence.Benchmarks.Ratios;

/// <summary>A tick at which nothing is due.</summary>
internal static class TickRows
{
    private const int Million = 1_000_000;

    public static IEnumerable<Row> Measure()
    {
        using PresenceContender one = Filled(new PresenceContender(), Million);
        var read = new PlainRead(Million);
        (double ours, double reference) = Interleaved.Blocks(4, 100, 1, () => { }, _ => one.Tick(), _ => read.Sum());
        yield return new Row("tick-1M/plain-read", ours / 1e3, reference / 1e3, "us", 1.25);

        using ClassicRule classic = Filled(new ClassicRule(), Million);
        (ours, reference) = Interleaved.Blocks(3, 7, 1, () => { }, _ => one.Tick(), _ => classic.Tick());
        yield return new Row("tick-1M/classic", ours / 1e3, reference / 1e3, "us", 1 / 200.0);

        using PresenceContender ten = Filled(new PresenceContender(), 10 * Million);
        var tenRead = new PlainRead(10 * Million);
        (ours, reference) = Interleaved.Blocks(4, 20, 1, () => { }, _ => ten.Tick(), _ => tenRead.Sum());
        yield return new Row("tick-10M/plain-read", ours / 1e3, reference / 1e3, "us", 1.25);

        using PresenceContender few = Filled(new PresenceContender(), 1000);
        (double tenMillion, double thousand) = Interleaved.Blocks(4, 20, 1, () => { }, _ => ten.Tick(), _ => few.Tick());
        yield return new Row("tick-per-client-10M/1k", tenMillion / (10 * Million), thousand / 1000, "ns", 1);
        (double million, thousand) = Interleaved.Blocks(4, 100, 1, () => { }, _ => one.Tick(), _ => few.Tick());
        yield return new Row("tick-per-client-1M/1k", million / Million, thousand / 1000, "ns", 1);
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
