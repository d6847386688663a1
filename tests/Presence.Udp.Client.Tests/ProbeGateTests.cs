using Presence.Udp.Sending;

namespace Presence.Udp.Client.Tests;

[TestFixture]
public sealed class ProbeGateTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Queue<Action> _application = new();
    private ProbeGate _gate = null!;

    [SetUp]
    public void SetUp()
    {
        _application.Clear();
        _gate = new ProbeGate(_application.Enqueue, Interval, 2 * Interval);
    }

    [TestCase(0, true)]
    [TestCase(1_000, true)]
    [TestCase(1_749, true)]
    [TestCase(1_750, false)]
    [TestCase(2_000, false)]
    public void IsOpen_ProbeUnanswered_IsForItsPatienceLessTheMarginForWakeUps(int afterMilliseconds, bool expected)
    {
        TimeSpan asked = TimeSpan.FromSeconds(10);
        _gate.IsOpen(asked);

        Assert.That(_gate.IsOpen(asked + TimeSpan.FromMilliseconds(afterMilliseconds)), Is.EqualTo(expected));
    }

    [Test]
    public void IsOpen_ProbeUnanswered_PostsNoOther()
    {
        for (int i = 0; i < 10; i++)
        {
            _gate.IsOpen(i * Interval);
        }

        Assert.That(_application, Has.Count.EqualTo(1));
    }

    [Test]
    public void IsOpen_AnsweredAfterSilence_IsOpenAgainAtOnce()
    {
        _gate.IsOpen(TimeSpan.Zero);
        bool whileStuck = _gate.IsOpen(5 * Interval);

        _application.Dequeue()();
        bool after = _gate.IsOpen(6 * Interval);

        Assert.Multiple(() =>
        {
            Assert.That(whileStuck, Is.False);
            Assert.That(after, Is.True);
            Assert.That(_application, Has.Count.EqualTo(1), "the next probe");
        });
    }

    [Test]
    public void IsOpen_OldProbeAnsweredAgain_CountsForNothing()
    {
        _gate.IsOpen(TimeSpan.Zero);
        Action first = _application.Dequeue();
        first();
        _gate.IsOpen(Interval);
        first(); // must not answer the second

        bool unanswered = _gate.IsOpen(3 * Interval);
        _application.Dequeue()();
        first(); // must not take the second's answer back
        bool answered = _gate.IsOpen(4 * Interval);

        Assert.Multiple(() =>
        {
            Assert.That(unanswered, Is.False);
            Assert.That(answered, Is.True);
        });
    }

    [Test]
    public void IsOpen_AnsweredInsideThePost_IsOpenEachTime()
    {
        var gate = new ProbeGate(static answer => answer(), Interval, 2 * Interval);

        Assert.That(Enumerable.Range(0, 100).All(i => gate.IsOpen(i * 3 * Interval)), Is.True);
    }

    [Test]
    public void IsOpen_PostThrows_ClosesAfterTwoIntervalsAndTriesAgain()
    {
        bool fails = true;
        var gate = new ProbeGate(answer => Post(answer), Interval, 2 * Interval);

        bool[] open = [.. Enumerable.Range(0, 4).Select(i => gate.IsOpen(i * Interval))];
        Exception? error = gate.Error;
        fails = false;
        gate.IsOpen(4 * Interval);
        bool after = gate.IsOpen(5 * Interval);

        Assert.Multiple(() =>
        {
            Assert.That(string.Join(' ', open), Is.EqualTo("True True False False"));
            Assert.That(error, Is.InstanceOf<InvalidOperationException>());
            Assert.That(after, Is.True);
            Assert.That(gate.Error, Is.Null);
        });

        void Post(Action answer)
        {
            if (fails)
            {
                throw new InvalidOperationException("the loop is closed");
            }

            answer();
        }
    }
}
