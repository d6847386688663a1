using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Presence.Udp.Tests;

/// <summary>A listener is made in some request's context, on a meter that outlives it, and keeps neither.</summary>
[TestFixture]
public sealed class ListenerLifetimeTests
{
    private static readonly AsyncLocal<object?> Request = new();

    [Test]
    public void Listener_ThatWasDisposed_IsFreeToGoAndShowsNothing()
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        IMeterFactory meters = services.GetRequiredService<IMeterFactory>();
        int shown = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == "Presence.Udp")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => shown++);
        listener.Start();

        WeakReference used = Use(meters, () =>
        {
            listener.RecordObservableInstruments();
            Assert.That(shown, Is.Positive);
            shown = 0;
        });

        listener.RecordObservableInstruments();
        Assert.That(shown, Is.Zero);
        Assert.That(IsGone(used));
    }

    [Test]
    public void Listener_StartedInARequest_DoesNotKeepItsContext()
    {
        WeakReference request = InARequest(out UdpHeartbeatListener listener);

        bool isGone = IsGone(request);

        listener.Dispose();
        Assert.That(isGone);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Use(IMeterFactory meters, Action use)
    {
        using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        using var keys = new HeartbeatKeys(tracker);
        using var listener = new UdpHeartbeatListener(tracker, keys, new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort }, meterFactory: meters);
        listener.Start();
        use();
        return new WeakReference(listener);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference InARequest(out UdpHeartbeatListener listener)
    {
        var request = new WeakReference(new object());
        UdpHeartbeatListener? made = null;
        var thread = new Thread(() => // as its context ends with it
        {
            Request.Value = request.Target;
            var tracker = new PresenceTracker(tickSource: new ManualTickSource());
            made = new UdpHeartbeatListener(tracker, new HeartbeatKeys(tracker), new UdpHeartbeatOptions { EndPoint = Loopback.AnyPort });
            made.Start();
        });
        thread.Start();
        thread.Join();
        listener = made!;
        return request;
    }

    private static bool IsGone(WeakReference reference)
    {
        for (int round = 0; round < 10 && reference.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !reference.IsAlive;
    }
}
