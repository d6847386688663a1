using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.Changes;
using Presence.Telemetry;

namespace Presence.Tests.Changes;

[TestFixture]
public sealed class ChangeCallbacksTests
{
    /// <summary>
    /// A delivery is over and takes no next; before it is taken off the books the client's next change comes and starts a chain of its own. What is taken off must be the old one:
    /// or the change after that finds no chain, and is told while the one before still is.
    /// </summary>
    [Test]
    public async Task OnOver_WhenALaterDeliveryIsTheLast_LeavesThatForTheNextToWaitFor()
    {
        using var metrics = new PresenceMetrics(null, () => 0);
        using var running = new RunningCallbacks(TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger.Instance, metrics);
        var pending = new PendingWork();
        var callbacks = new ChangeCallbacks(pending, new CallbackRunner(new FairQueue(), running, NullLogger.Instance, metrics));
        var told = new ConcurrentQueue<PresenceChanges>();
        var began = new TaskCompletionSource();
        var held = new TaskCompletionSource();
        using IDisposable registration = callbacks.Register(PresenceChanges.All, async change =>
        {
            told.Enqueue(change.Kind);
            began.TrySetResult();
            await held.Task;
        });
        callbacks.Report(Change(PresenceChanges.Joined));
        await began.Task;

        using var earlier = new CallbackRegistration(PresenceChanges.All, static _ => default, registration);
        pending.Begin();
        callbacks.OnOver(new ChangeDelivery(callbacks, Change(PresenceChanges.Left), [earlier], done: null));
        callbacks.Report(Change(PresenceChanges.Replaced));
        var other = new TaskCompletionSource();
        callbacks.Report(Change(PresenceChanges.Expired) with { ClientId = "lisi" }, other);
        Assert.That(() => told, Has.Count.EqualTo(2).After(10_000, 1), "the other client's, for which there was time");
        Assert.That(told, Does.Not.Contain(PresenceChanges.Replaced));
        held.SetResult();
        await pending.WhenIdle();

        Assert.That(told, Has.Count.EqualTo(3));
    }

    private static PresenceChange Change(PresenceChanges kind) => new() { Kind = kind, ClientId = "zhangsan", Session = new SessionId(1), Count = 0, ExpireAfter = 5 };
}
