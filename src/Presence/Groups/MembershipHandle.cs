namespace Presence.Groups;

/// <summary>Where a membership is: a stripe, and the place in it. The default is none.</summary>
internal readonly record struct MembershipHandle
{
    public const int StripeBits = 5;
    public const int MaxIndex = (1 << (32 - StripeBits)) - 2;

    private readonly uint _bits;

    public MembershipHandle(int stripe, int index)
    {
        if (index > MaxIndex)
        {
            throw new InvalidOperationException($"More than {MaxIndex} memberships in one group, or in those that share its lock. Divide the group.");
        }

        _bits = ((uint)(index + 1) << StripeBits) | (uint)stripe;
    }

    public bool IsNone => _bits == 0;

    public int Stripe => (int)(_bits & ((1u << StripeBits) - 1));

    public int Index => (int)(_bits >> StripeBits) - 1;
}
