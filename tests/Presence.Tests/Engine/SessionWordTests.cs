using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class SessionWordTests
{
    private static readonly long TenYearsOfMilliseconds = (long)TimeSpan.FromDays(3653).TotalMilliseconds;

    [Test]
    public void Live_TenYearsOnAtAMillisecondATick_IsStillInRange()
    {
        long word = SessionWord.Live(TenYearsOfMilliseconds + PresenceOptions.MaxExpireAfter, 7);

        Assert.That(SessionWord.DeadlineOf(word), Is.EqualTo(TenYearsOfMilliseconds + PresenceOptions.MaxExpireAfter));
        Assert.That(word, Is.GreaterThan(SessionWord.Live(1, 7)));
    }

    [TestCase(0u)]
    [TestCase(TagPermutation.Length - 1)]
    public void ClosedWords_TenYearsOn_AreNotDueAndHaveNoSessionsTag(uint tag)
    {
        long bound = SessionWord.DueBound(TenYearsOfMilliseconds);

        Assert.That(new[] { SessionWord.Free, SessionWord.Ending(tag), SessionWord.Replacing(tag) }, Is.All.GreaterThan(bound));
        Assert.That(SessionWord.TagOf(SessionWord.Ending(tag)), Is.GreaterThanOrEqualTo(SessionWord.FirstReservedTag));
        Assert.That(SessionWord.TagOf(SessionWord.Replacing(tag)), Is.GreaterThanOrEqualTo(SessionWord.FirstReservedTag));
    }
}
