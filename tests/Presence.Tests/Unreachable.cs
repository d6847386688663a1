using System.Runtime.CompilerServices;

namespace Presence.Tests;

/// <summary>Finds out whether something is still kept once the test has let go of it.</summary>
internal static class Unreachable
{
    /// <summary>Makes an object in a frame of its own, so that no local of the test keeps it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static WeakReference Made(Func<object> make) => new(make());

    /// <summary>Whether the object is gone after full collections.</summary>
    public static bool IsGone(WeakReference reference)
    {
        // A finalizer may let go of more, and the thread pool's threads drop their last work item when they look for the next.
        for (int round = 0; round < 10 && reference.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !reference.IsAlive;
    }
}
