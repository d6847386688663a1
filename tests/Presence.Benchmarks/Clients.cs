namespace Presence.Benchmarks;

/// <summary>Client ids, and a random order to visit them in that is the same in every run.</summary>
internal static class Clients
{
    public static string[] Ids(int count, string prefix = "client") => [.. Enumerable.Range(0, count).Select(i => $"{prefix}-{i:d8}")];

    /// <summary>The numbers below <paramref name="count"/> in random order.</summary>
    public static int[] Shuffled(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Random(count).Shuffle(order);
        return order;
    }

    /// <summary>The ids in an order, as strings of their own: a transport decodes a new one from each datagram.</summary>
    public static string[] Decoded(string[] ids, int[] order) => [.. order.Select(i => new string(ids[i].AsSpan()))];
}
