namespace Presence.Udp.Receiving;

/// <summary>Counts that one thread writes, on cache lines that no other thread's data share.</summary>
/// <remarks>Thread safety: one thread counts, without atomic operations; any thread reads.</remarks>
internal sealed class PaddedCounts(int count)
{
    /// <summary>128 bytes: processors fetch lines of 64 in pairs.</summary>
    private const int Pad = 128 / sizeof(long);

    private readonly long[] _counts = new long[Pad + count + Pad];

    public long this[int index]
    {
        get => Volatile.Read(ref _counts[Pad + index]);
        set => Volatile.Write(ref _counts[Pad + index], value);
    }
}
