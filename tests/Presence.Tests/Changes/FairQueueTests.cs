using Presence.Changes;

namespace Presence.Tests.Changes;

[TestFixture]
public sealed class FairQueueTests
{
    [Test]
    public void Enqueue_OfMuchWork_LetsOthersWorkInThePoolPass()
    {
        const int Items = 200_000;
        var queue = new FairQueue();
        using var all = new CountdownEvent(Items);
        for (int i = 0; i < Items; i++)
        {
            queue.Enqueue(new Work(() =>
            {
                Thread.SpinWait(100);
                all.Signal();
            }));
        }

        int left = Items;
        ThreadPool.UnsafeQueueUserWorkItem(_ => left = all.CurrentCount, null);

        Assert.That(all.Wait(TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(left, Is.GreaterThan(Items / 10), "the other's work came long before the last");
    }

    [Test]
    public void Enqueue_OfWorkThatBlocks_HoldsUpOnlyItself()
    {
        var queue = new FairQueue();
        var release = new TaskCompletionSource();
        using var others = new CountdownEvent(100);
        int blocked = 2 * Environment.ProcessorCount;
        using var allBlocked = new CountdownEvent(blocked);
        for (int i = 0; i < blocked; i++)
        {
            queue.Enqueue(new Work(() =>
            {
                allBlocked.Signal();
                release.Task.Wait();
            }));
        }

        for (int i = 0; i < 100; i++)
        {
            queue.Enqueue(new Work(() => others.Signal()));
        }

        bool passed = others.Wait(TimeSpan.FromSeconds(30));
        release.SetResult();

        Assert.That(passed, Is.True, $"{others.CurrentCount} were held up");
        Assert.That(allBlocked.Wait(TimeSpan.FromSeconds(30)), Is.True);
    }

    [Test]
    public void Enqueue_BehindAnotherQueue_KeepsLittleOfTheWorkThatItMakesUnderWay()
    {
        const int Makers = 2_000;
        const int Each = 64;
        var queue = new FairQueue();
        var makers = new FairQueue(queue);
        using var all = new CountdownEvent(Makers * Each);
        int waiting = 0;
        int most = 0;
        var gate = new Lock();
        for (int i = 0; i < Makers; i++)
        {
            makers.Enqueue(new Work(() =>
            {
                for (int item = 0; item < Each; item++)
                {
                    Move(1);
                    queue.Enqueue(new Work(() =>
                    {
                        Move(-1);
                        all.Signal();
                    }));
                }
            }));
        }

        Assert.That(all.Wait(TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(most, Is.LessThan(Makers * Each / 10), "of them waited at once");

        void Move(int by)
        {
            lock (gate)
            {
                waiting += by;
                most = Math.Max(most, waiting);
            }
        }
    }

    private sealed class Work(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }
}
