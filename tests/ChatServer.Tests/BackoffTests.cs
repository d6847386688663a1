using ChatClient;

namespace ChatServer.Tests;

public sealed class BackoffTests
{
    [Test]
    public void Next_AgainAndAgain_WaitsLongerUpToHalfAMinuteAndNeverJustAsLong()
    {
        var backoff = new Backoff(new Random(1));
        double[] delays = [.. Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalSeconds)];
        double[] most = [1, 2, 4, 8, 16, 30, 30, 30];
        Assert.That(delays.Zip(most, (delay, longest) => delay >= longest / 2 && delay <= longest), Has.All.True, string.Join(" ", delays));
        Assert.That(delays[5..], Is.Unique);
    }

    [TestCase(29.9, 2)]
    [TestCase(30, 1)]
    public void Next_AfterAConnection_BeginsAnewIfThatLasted(double lasted, double longest)
    {
        var backoff = new Backoff(new Random(1));
        backoff.Next();
        backoff.NoteConnection(TimeSpan.FromSeconds(lasted));
        Assert.That(backoff.Next().TotalSeconds, Is.InRange(longest / 2, longest));
    }
}
