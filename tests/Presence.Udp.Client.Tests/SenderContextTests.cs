using System.Runtime.CompilerServices;

namespace Presence.Udp.Client.Tests;

/// <summary>A sender is made in some request's context, and keeps it no longer than that.</summary>
[TestFixture]
public sealed class SenderContextTests
{
    private static readonly AsyncLocal<object?> Request = new();

    [Test]
    public void Sender_MadeInARequest_DoesNotKeepItsContext()
    {
        WeakReference request = InARequest(out HeartbeatSender sender);

        bool isGone = SpinWait.SpinUntil(() => IsGone(request), TimeSpan.FromSeconds(5));

        sender.Dispose();
        Assert.That(isGone);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference InARequest(out HeartbeatSender sender)
    {
        var request = new WeakReference(new object());
        HeartbeatSender? made = null;
        var thread = new Thread(() => // as its context ends with it
        {
            Request.Value = request.Target;
            made = new HeartbeatSender(
                new HeartbeatSenderOptions { Host = "127.0.0.1", Port = 9, Session = 1, Key = new byte[32], Interval = TimeSpan.FromMilliseconds(20), ExpireAfter = 5 },
                static answer => answer());
        });
        thread.Start();
        thread.Join();
        sender = made!;
        return request;
    }

    private static bool IsGone(WeakReference reference)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return !reference.IsAlive;
    }
}
