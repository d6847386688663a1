using System.Runtime.InteropServices;

namespace Presence.Udp;

/// <summary>The 32 bytes of a key, held by value, so that to overwrite it is to wipe it.</summary>
/// <remarks>Thread safety: none; it is copied in several steps.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct HeartbeatKey
{
    public const int Length = 4 * sizeof(ulong);

    private const ulong EveryByte = 0x0101_0101_0101_0101;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    public HeartbeatKey(ReadOnlySpan<byte> key) => this = MemoryMarshal.Read<HeartbeatKey>(key);

    /// <summary>Writes a block of twice the key's length: the key with a pad on every byte, and zeros with the pad, which is the pad.</summary>
    public void WritePadded(byte pad, Span<byte> block)
    {
        ulong pads = pad * EveryByte;
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        words[0] = _first ^ pads;
        words[1] = _second ^ pads;
        words[2] = _third ^ pads;
        words[3] = _fourth ^ pads;
        words[4..].Fill(pads);
    }
}
