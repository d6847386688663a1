using Presence.Guards;

namespace Presence.Tests.Guards;

[TestFixture]
public sealed class RecentExpiriesTests
{
    [Test]
    public void Count_OfExpiriesAtATick_IsOfALimitsTimeFromThere()
    {
        var recent = new RecentExpiries();
        recent.CountAt(10);
        recent.Add(limit: 5, count: 3);
        recent.Add(limit: 2, count: 40);
        recent.Add(limit: 5, count: 0);

        Assert.That(Enumerable.Range(11, 7).Select(tick => recent.CountAt(tick)), Is.EqualTo(new[] { 43, 43, 3, 3, 3, 0, 0 }));
    }

    [Test]
    public void Count_OfExpiriesAtManyTicks_IsTheSum()
    {
        var recent = new RecentExpiries();
        int[] counts = [.. Enumerable.Range(1, 6).Select(tick =>
        {
            int count = recent.CountAt(tick);
            recent.Add(limit: 2, count: 1);
            return count;
        })];

        Assert.That(counts, Is.EqualTo(new[] { 0, 1, 2, 2, 2, 2 }));
    }
}
