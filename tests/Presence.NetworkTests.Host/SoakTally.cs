using System.Collections.Concurrent;

namespace Presence.NetworkTests.Host;

/// <summary>What the clients of a soak did, and what was done to them that should not have been.</summary>
/// <remarks>Thread safety: all of it may be called from any thread.</remarks>
internal sealed class SoakTally
{
    /// <summary>What a test asserts to be zero: told also when nobody counted it.</summary>
    private static readonly string[] Faults = ["thrownOut", "tooSoon", "tooLate", "harmed"];

    private readonly ConcurrentDictionary<string, int> _counts = new(Faults.Select(fault => KeyValuePair.Create(fault, 0)));

    public void Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    public override string ToString() => string.Join(' ', _counts.OrderBy(count => count.Key).Select(count => $"{count.Key}={count.Value}"));
}
