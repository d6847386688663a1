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

        long[] closed = [SessionWord.Free, SessionWord.Ending(tag, 0), SessionWord.Arriving(tag), SessionWord.Changing(tag), SessionWord.Provisional(tag, -1), SessionWord.Closing(0), SessionWord.Closing(uint.MaxValue)];
        Assert.That(closed, Is.All.GreaterThan(bound));
        Assert.That(closed.Select(SessionWord.TagOf), Is.All.GreaterThanOrEqualTo(SessionWord.FirstReservedTag));
    }

    [TestCase(0L, 0)]
    [TestCase(4095L, 4095)]
    [TestCase(1_000_000L, 4095)]
    public void Ending_HoweverLongOverdue_SaysWhoseItIsAndHowLong(long overdue, int expected)
    {
        long word = SessionWord.Ending(0xABCDE, overdue);

        Assert.That((SessionWord.IsEnding(word, 0xABCDE), SessionWord.IsEnding(word, 0xABCDF), SessionWord.OverdueOf(word)), Is.EqualTo((true, false, expected)));
        Assert.That((SessionWord.HadProvision(word), SessionWord.HadProvision(SessionWord.Ending(0xABCDE, overdue, hadProvision: true))), Is.EqualTo((false, true)));
        Assert.That(SessionWord.IsEnding(SessionWord.Arriving(0xABCDE), 0xABCDE), Is.False);
        Assert.That(SessionWord.IsEnding(SessionWord.Closing(0xABCDE), 0xABCDE), Is.False);
    }

    [TestCase(0, 0)]
    [TestCase(3, 3)]
    public void Changing_TakesHeartbeats_CountsThem(int heartbeats, int expected)
    {
        long word = SessionWord.Changing(0xABCDE);
        for (int i = 0; i < heartbeats; i++)
        {
            word = SessionWord.WithHeartbeat(word);
        }

        Assert.That((SessionWord.IsChanging(word), SessionWord.OwnTagOf(word), SessionWord.HeartbeatsOf(word)), Is.EqualTo((true, 0xABCDEu, expected)));
    }

    [TestCase(0u)]
    [TestCase(1u)]
    [TestCase(uint.MaxValue)]
    public void Closing_NamesTheSuccessorsSlot(uint slot) => Assert.That(SessionWord.SuccessorOf(SessionWord.Closing(slot)), Is.EqualTo(slot));

    /// <summary>Or a change that was held up would not notice the heartbeats that came meanwhile.</summary>
    [Test]
    public void WithHeartbeat_HoweverManyThereWere_IsAnotherWordOfTheSameSession()
    {
        long word = SessionWord.Changing(0xABCDE);
        for (int heartbeats = 1; heartbeats < 30_000; heartbeats++)
        {
            long next = SessionWord.WithHeartbeat(word);
            int counted = SessionWord.HeartbeatsOf(next);
            bool isRight = heartbeats < SessionWord.ManyHeartbeats ? counted == heartbeats : counted >= SessionWord.ManyHeartbeats;
            if (next == word || !isRight || !SessionWord.IsChanging(next) || SessionWord.OwnTagOf(next) != 0xABCDE)
            {
                Assert.Fail($"{heartbeats} heartbeats: {counted}, {word:x} to {next:x}");
            }

            word = next;
        }
    }
}
