using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.AspNetCore.Http;
using Presence.AspNetCore.Probing;

namespace Presence.AspNetCore.Tests.Http;

[TestFixture]
public sealed class HeartbeatCostTests
{
    [Test]
    public async Task Beat_OfAKnownDevice_AllocatesNothingOfOurs()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        using var prober = new Prober(tracker, NullLogger<Prober>.Instance);
        using var tokens = new TokenSessions(tracker);
        var endpoints = new HeartbeatEndpoints(prober, tokens, new HttpHeartbeatOptions { MaxBeatsPerTick = 1_000_000 }, TimeSpan.FromSeconds(1), TimeProvider.System, static _ => default);
        tokens.Issue("sensor 7", tracker.Join("sensor 7").Session, out BearerToken token);
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {token}";
        const int Beats = 10_000;
        Beat(Beats); // until it is compiled

        long before = GC.GetAllocatedBytesForCurrentThread();
        Beat(Beats);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(context.Response.StatusCode, Is.EqualTo(StatusCodes.Status204NoContent));
        Assert.That(allocated / Beats, Is.Zero, $"{allocated} bytes for {Beats}");

        void Beat(int times)
        {
            for (int i = 0; i < times; i++)
            {
                _ = endpoints.BeatAsync(context);
            }
        }
    }
}
