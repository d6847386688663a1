using System.Runtime.CompilerServices;
using Presence.Ticks;

namespace Presence.Tests.Ticks;

/// <summary>Ticks by the system's clock, which come from a thread of the source's own.</summary>
[TestFixture]
public sealed class TickThreadTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TimeProviderTickSource _source = null!;

    [SetUp]
    public void SetUp() => _source = new TimeProviderTickSource(Soon);

    [Test]
    public void Ticks_WhileTheThreadPoolIsStarved_Come()
    {
        using var release = new ManualResetEventSlim();
        using var ended = new CountdownEvent(1);
        var probe = new TaskCompletionSource();
        for (int i = 0; i < 100; i++)
        {
            ended.AddCount();
            ThreadPool.QueueUserWorkItem(_ =>
            {
                release.Wait();
                ended.Signal();
            });
        }

        ThreadPool.QueueUserWorkItem(_ => probe.SetResult());
        try
        {
            using var ticks = new CountdownEvent(20);
            using IDisposable subscription = _source.Subscribe(_ => Signal(ticks));

            Assert.That(ticks.Wait(Patience), Is.True);
            Assert.That(probe.Task.IsCompleted, Is.False, "the pool ran what was queued before the ticks: it was not starved");
        }
        finally
        {
            release.Set();
            ended.Signal();
            ended.Wait();
        }
    }

    [Test]
    public void Ticks_WhileTheThreadPoolIsStarved_SaySo()
    {
        using var starved = new ManualResetEventSlim();
        using var recovered = new ManualResetEventSlim();
        using IDisposable subscription = _source.Subscribe(tick => (tick.IsPoolStarved ? starved : recovered).Set());
        using (new StarvedThreadPool())
        {
            Assert.That(starved.Wait(Patience), Is.True);
            recovered.Reset();
        }

        Assert.That(recovered.Wait(Patience), Is.True);
    }

    [Test]
    public void Ticks_OfAllSubscribers_ComeFromOneBackgroundThreadThatEndsWithTheLast()
    {
        (IDisposable first, Thread thread) = SubscribeAndSeeThread(_source);
        (IDisposable second, Thread same) = SubscribeAndSeeThread(_source);

        Assert.That(same, Is.SameAs(thread));
        Assert.That((thread.IsBackground, thread.IsThreadPoolThread), Is.EqualTo((true, false)));
        first.Dispose();
        (IDisposable third, Thread still) = SubscribeAndSeeThread(_source);
        Assert.That(still, Is.SameAs(thread), "while there is a subscriber");
        second.Dispose();
        third.Dispose();
        Assert.That(thread.Join(Patience), Is.True);

        (IDisposable fourth, Thread another) = SubscribeAndSeeThread(_source);
        Assert.That(another, Is.Not.SameAs(thread));
        fourth.Dispose();
        Assert.That(another.Join(Patience), Is.True);
    }

    [Test]
    public void Thread_WhenTheLastSubscriberIsDisposedLongBeforeItsTick_EndsAtOnce()
    {
        var thread = new TickThread(TimeSpan.FromDays(1));
        IDisposable subscription = thread.Subscribe(_ => { });
        bool during = thread.IsRunning;

        subscription.Dispose();

        Assert.That(during, Is.True);
        Assert.That(SpinWait.SpinUntil(() => !thread.IsRunning, Patience), Is.True);
    }

    [Test]
    public void Subscriber_DisposedDuringItsTick_GetsNoFurtherOne()
    {
        using var other = new CountdownEvent(10);
        int ticks = 0;
        IDisposable? subscription = null;
        using var ready = new ManualResetEventSlim();
        subscription = _source.Subscribe(_ =>
        {
            ready.Wait();
            ticks++;
            subscription!.Dispose();
        });
        ready.Set();
        using IDisposable second = _source.Subscribe(_ => Signal(other));

        Assert.That(other.Wait(Patience), Is.True);
        Assert.That(ticks, Is.EqualTo(1));
    }

    [Test]
    public void Subscriber_ThatThrows_StopsNeitherItselfNorOthersAndIsReported()
    {
        using var failing = new CountdownEvent(3);
        using var other = new CountdownEvent(3);
        using var reported = new ManualResetEventSlim();
        var marker = new InvalidOperationException("subscriber");
        EventHandler<UnobservedTaskExceptionEventArgs> report = (_, e) =>
        {
            if (e.Exception.InnerExceptions.Contains(marker))
            {
                reported.Set();
            }
        };
        TaskScheduler.UnobservedTaskException += report;
        using (_source.Subscribe(_ => Throw()))
        using (_source.Subscribe(_ => Signal(other)))
        {
            Assert.That((failing.Wait(Patience), other.Wait(Patience)), Is.EqualTo((true, true)));
        }

        Unreachable.IsGone(Unreachable.Made(() => new object()));
        Assert.That(reported.IsSet, Is.True);
        TaskScheduler.UnobservedTaskException -= report;

        void Throw()
        {
            Signal(failing);
            throw marker;
        }
    }

    [Test]
    public void Tracker_ThatNobodyHoldsOrDisposed_IsFreeToGoAndSoIsItsThread()
    {
        Thread? thread = null;
        WeakReference tracker = Unreachable.Made(() =>
        {
            var tracker = new PresenceTracker(new PresenceOptions { TickInterval = Soon });
            using var ticked = new ManualResetEventSlim();
            using IDisposable guard = tracker.AddTickGuard(() =>
            {
                thread = Thread.CurrentThread;
                ticked.Set();
                return false;
            });
            Assert.That(ticked.Wait(Patience), Is.True);
            return tracker;
        });

        Assert.That(SpinWait.SpinUntil(() => Unreachable.IsGone(tracker), Patience), Is.True); // a tick that is under way holds it
        Assert.That(thread!.Join(Patience), Is.True);
    }

    [Test]
    public void Source_ThatNobodyHolds_TicksForThoseWhoHoldTheirSubscription()
    {
        (WeakReference source, IDisposable subscription) = Subscribe(out CountdownEvent ticks);
        Unreachable.IsGone(source);
        ticks.Reset(10);

        Assert.That(ticks.Wait(Patience), Is.True);
        subscription.Dispose();
        Assert.That(Unreachable.IsGone(source), Is.True);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (WeakReference, IDisposable) Subscribe(out CountdownEvent ticks)
        {
            var counted = ticks = new CountdownEvent(1);
            var source = new TimeProviderTickSource(Soon);
            return (new WeakReference(source), source.Subscribe(_ => Signal(counted)));
        }
    }

    private static (IDisposable Subscription, Thread Thread) SubscribeAndSeeThread(TimeProviderTickSource source)
    {
        var seen = new TaskCompletionSource<Thread>();
        IDisposable subscription = source.Subscribe(_ => seen.TrySetResult(Thread.CurrentThread));
        Assert.That(seen.Task.Wait(Patience), Is.True);
        return (subscription, seen.Task.Result);
    }

    private static void Signal(CountdownEvent counted)
    {
        if (!counted.IsSet)
        {
            counted.Signal();
        }
    }
}
