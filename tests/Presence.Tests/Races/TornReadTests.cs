namespace Presence.Tests.Races;

/// <summary>Who reads a client while its session ends sees all of it or nothing.</summary>
[TestFixture]
public sealed class TornReadTests
{
    private static readonly int Rounds = TestScale.Of(500_000, 10_000_000);

    [Test]
    public async Task TryGetClient_RacingJoinsAndLeaves_NeverSeesHalfASession()
    {
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        var done = new CancellationTokenSource();
        Task<long> reading = Task.Factory.StartNew(Read, TaskCreationOptions.LongRunning);

        for (int round = 0; round < Rounds; round++)
        {
            tracker.Join("zhangsan", "zhangsan's connection");
            tracker.Leave("zhangsan");
            tracker.Join("lisi", "lisi's connection"); // in the same slot
            tracker.Leave("lisi");
        }

        await done.CancelAsync();
        long read = await reading;
        TestContext.Out.WriteLine($"read {read} times while it was online");
        Assert.That(read, Is.Positive);

        long Read()
        {
            long found = 0;
            while (!done.IsCancellationRequested)
            {
                if (tracker.TryGetClient("zhangsan", out ClientStatus status))
                {
                    found++;
                    if (status.ClientId != "zhangsan" || status.State is not "zhangsan's connection" || status.Count != 0)
                    {
                        Assert.Fail($"half a session: {status}");
                    }
                }
            }

            return found;
        }
    }
}
