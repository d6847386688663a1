using CsCheck;
using Presence.Udp.Sending;

namespace Presence.Udp.Client.Tests;

[TestFixture]
public sealed class BeatScheduleTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Phase = TimeSpan.FromMilliseconds(300);

    [Test]
    public void Due_AtTheStart_IsAtOnce() => Assert.That(new BeatSchedule(Interval, TimeSpan.Zero, Phase).Due, Is.EqualTo(TimeSpan.Zero));

    [TestCase(0, 300)]
    [TestCase(299, 300)]
    [TestCase(300, 1_300)]
    [TestCase(1_299, 1_300)]
    [TestCase(1_300, 2_300)]
    [TestCase(1_301, 2_300)]
    [TestCase(9_999, 10_300)]
    public void Advance_AtAnyTime_GivesTheNextOnTheGrid(int nowMilliseconds, int dueMilliseconds)
    {
        var schedule = new BeatSchedule(Interval, TimeSpan.Zero, Phase);

        schedule.Advance(TimeSpan.FromMilliseconds(nowMilliseconds));

        Assert.That(schedule.Due, Is.EqualTo(TimeSpan.FromMilliseconds(dueMilliseconds)));
    }

    [Test]
    public void Advance_BeatsThatComeLate_DoNotMoveTheGridAndLeaveNoDebt() =>
        Gen.Select(Gen.Double[0.01, 1], Gen.Double[0, 0.9].Array[100]).Sample((phase, delays) =>
        {
            TimeSpan start = Interval * phase;
            var schedule = new BeatSchedule(Interval, TimeSpan.Zero, start);
            for (int beats = 0; beats < delays.Length; beats++)
            {
                // The classic rule never forgives a beat that is missing, so none may be: before the k-th interval ends, k beats were due.
                if (schedule.Due > beats * Interval || (beats > 0 && schedule.Due != start + ((beats - 1) * Interval)))
                {
                    return false;
                }

                double room = beats == 0 ? phase : 1; // the second beat may be due right after the first
                schedule.Advance(schedule.Due + (Interval * (delays[beats] * room)));
            }

            return true;
        });
}
