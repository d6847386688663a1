using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Presence.Udp.Receiving;
using Presence.Udp.Telemetry;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class OutcomeLogTests
{
    private FakeTimeProvider _time = null!;
    private FakeLogger _logger = null!;
    private OutcomeCounts _counts = null!;
    private OutcomeTotals _totals = null!;
    private OutcomeLog _log = null!;

    [SetUp]
    public void SetUp()
    {
        _time = new FakeTimeProvider();
        _logger = new FakeLogger();
        _counts = new OutcomeCounts();
        _totals = new OutcomeTotals([_counts, new OutcomeCounts()], new KernelDrops([]));
        _log = new OutcomeLog(_logger, _time);
    }

    [Test]
    public void Report_OnlyAccepted_LogsNothing()
    {
        _counts.Add(DatagramOutcome.Accepted);

        _log.Report(_totals);

        Assert.That(_logger.Collector.Count, Is.Zero);
    }

    [Test]
    public void Report_ManyOfAKindForTenMinutes_LogsALineAMinuteWithAllOfThem()
    {
        for (int second = 0; second < 600; second++)
        {
            _counts.Add(DatagramOutcome.Forged);
            _log.Report(_totals);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(Logged("Count"), Is.EqualTo("1 60 60 60 60 60 60 60 60 60"));
    }

    [Test]
    public void Report_TwoKinds_AreLimitedEachOnItsOwn()
    {
        _counts.Add(DatagramOutcome.Forged);
        _log.Report(_totals);
        _time.Advance(TimeSpan.FromSeconds(1));
        _counts.Add(DatagramOutcome.Stale);
        _log.Report(_totals);

        Assert.That(string.Join(' ', _logger.Collector.GetSnapshot().Select(record => record.Id.Id)), Is.EqualTo("104 107"));
    }

    [Test]
    public void ReceiveFailed_ManyTimesAMinute_LogsOneLineAMinute()
    {
        for (int second = 0; second < 120; second++)
        {
            _log.ReceiveFailed(new InvalidOperationException());
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(Logged("Count"), Is.EqualTo("1 60"));
    }

    private string Logged(string value) =>
        string.Join(' ', _logger.Collector.GetSnapshot().Select(record => record.GetStructuredStateValue(value)));
}
