using System.Runtime.CompilerServices;

namespace Presence.Tests;

/// <summary>Whoever makes a tracker, or first asks a container for it, may be a request with a context of its own, which must not live as long as the tracker.</summary>
[TestFixture]
public sealed class ExecutionContextTests
{
    private static readonly AsyncLocal<object?> Request = new();
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [TestCase(false)]
    [TestCase(true)]
    public void Tracker_MadeByARequest_DoesNotKeepItsContext(bool byAnotherClock)
    {
        TimeProvider? clock = byAnotherClock ? new AnotherClock() : null;
        (WeakReference request, PresenceTracker tracker) = InARequest(() =>
        {
            var tracker = new PresenceTracker(
                new PresenceOptions { TickInterval = Soon, ExpireAfter = 1, ConfirmExpiry = ConfirmAsync }, timeProvider: clock);
            UseAll(tracker);
            return tracker;
        });

        bool gone = SpinWait.SpinUntil(() => Unreachable.IsGone(request), TimeSpan.FromSeconds(5));
        tracker.Dispose();
        Assert.That(gone, Is.True);

        static ValueTask<bool> ConfirmAsync(ClientStatus client, CancellationToken timeout) => new(true);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Ticks_OfATrackerMadeByARequest_DoNotRunInItsContext(bool byAnotherClock)
    {
        object? seen = null;
        using var ticked = new ManualResetEventSlim();
        (_, PresenceTracker tracker) = InARequest(() => new PresenceTracker(
            new PresenceOptions { TickInterval = Soon }, timeProvider: byAnotherClock ? new AnotherClock() : null));
        using IDisposable guard = tracker.AddTickGuard(() =>
        {
            seen = Request.Value;
            ticked.Set();
            return false;
        });

        Assert.That(ticked.Wait(Patience), Is.True);
        tracker.Dispose();
        Assert.That(seen, Is.Null);
    }

    [Test]
    public void Tracker_MadeWhereTheFlowIsSuppressed_Works()
    {
        using AsyncFlowControl suppressed = ExecutionContext.SuppressFlow();

        Assert.That(() => new PresenceTracker(timeProvider: new AnotherClock()).Dispose(), Throws.Nothing);
    }

    [Test]
    public async Task Callback_OfAChangeMadeByARequest_DoesNotRunInItsContext()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        var seen = new TaskCompletionSource<object?>();
        (WeakReference request, IDisposable registration) = InARequest(() => tracker.OnChange(PresenceChanges.Joined, async _ =>
        {
            await Task.Yield();
            seen.SetResult(Request.Value);
        }));
        InARequest(() => tracker.Join("a"));

        Assert.That(await seen.Task.WaitAsync(Patience), Is.Null);
        Assert.That(Unreachable.IsGone(request), Is.True);
        registration.Dispose();
    }

    /// <summary>Everything that registers or starts something.</summary>
    private static void UseAll(PresenceTracker tracker)
    {
        using var expired = new ManualResetEventSlim();
        IDisposable registration = tracker.OnClientExpired(_ =>
        {
            expired.Set();
            return default;
        });
        IDisposable guard = tracker.AddTickGuard(() => false);
        tracker.Join("a");
        tracker.PauseExpiry().Dispose();
        Assert.That(expired.Wait(Patience), Is.True);
        tracker.Join("b", new JoinOptions { ExpireAfter = 1_000_000 });
        registration.Dispose();
        guard.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Request, T Result) InARequest<T>(Func<T> handle)
    {
        object request = new();
        T result = default!;
        ExecutionContext.Run(
            ExecutionContext.Capture()!,
            _ =>
            {
                Request.Value = request;
                result = handle();
            },
            null);
        return (new WeakReference(request), result);
    }

    /// <summary>Not <see cref="TimeProvider.System"/>, but with its timers.</summary>
    private sealed class AnotherClock : TimeProvider;
}
