using System.Runtime.InteropServices;

namespace Presence.Engine;

/// <summary>A number that is written often, a cache line away from its neighbours, which are read often.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedLong
{
    [FieldOffset(64)]
    public long Value;
}
