using Microsoft.Extensions.Logging.Abstractions;
using Presence.Changes;
using Presence.Engine;
using Presence.Telemetry;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class ClientSessionsTests
{
    /// <summary>A sweep closed it while the join that started it was not through, and that took the expiry back.</summary>
    [Test]
    public async Task FinishLater_OfASessionThatIsNotOver_LeavesIt()
    {
        var table = new SessionTable(HeartbeatRule.Reset, 5);
        using var metrics = new PresenceMetrics(null, () => table.Online);
        var pending = new PendingWork();
        var queue = new FairQueue();
        using var running = new RunningCallbacks(TimeSpan.FromSeconds(30), TimeProvider.System, NullLogger.Instance);
        var callbacks = new ChangeCallbacks(pending, new CallbackRunner(queue, running, NullLogger.Instance, metrics));
        var sessions = new ClientSessions(table, new ChangeNotifier(new ChangeStreams(), callbacks), pending, queue, metrics);
        sessions.TryJoin("zhangsan", null, 5, replace: false, out JoinResult joined);

        sessions.FinishLater(joined.Session);
        await pending.WhenIdle();

        Assert.That((sessions.TryGet("zhangsan", out ClientStatus status), status.Session), Is.EqualTo((true, joined.Session)));
        Assert.That(sessions.TryBeat("zhangsan"));
    }
}
