using Microsoft.Extensions.Time.Testing;
using Presence.Redis.Takeover;

namespace Presence.Redis.Tests.Takeover;

public class AmnestyTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);

    private readonly FakeTimeProvider _time = new();

    [TestCase(4, true)]
    [TestCase(4.5, true, Description = "just in time")]
    [TestCase(4.6, false, Description = "late: the store may be away")]
    public void WhenOver_AfterARenewal_WaitsOnlyIfTheNextIsLate(double seconds, bool isOver)
    {
        var amnesty = new Amnesty(Lease, _time);
        amnesty.OnRenewed(TimeSpan.Zero);

        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.That(amnesty.WhenOverAsync(CancellationToken.None).IsCompleted, Is.EqualTo(isOver));
    }

    [Test]
    public void WhenOver_Extended_WaitsForALease()
    {
        var amnesty = new Amnesty(Lease, _time);
        amnesty.Extend();

        Task over = amnesty.WhenOverAsync(CancellationToken.None);

        _time.Advance(Lease - TimeSpan.FromSeconds(1));
        amnesty.OnRenewed(TimeSpan.Zero);
        Assert.That(over.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(over.Wait(TestServer.Patience));
    }

    [Test]
    public void OnRenewed_LessIsLeftThanWas_ShortensNothing()
    {
        var amnesty = new Amnesty(Lease, _time);
        amnesty.OnRenewed(Lease);

        amnesty.OnRenewed(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.That(amnesty.WhenOverAsync(CancellationToken.None).IsCompleted, Is.False);
    }
}
