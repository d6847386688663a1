using System.Diagnostics;
using System.Globalization;

namespace Presence.Redis.Tests.Faults;

/// <summary>Signals to processes.</summary>
internal static class Signals
{
    /// <summary>Sends one, by its name without SIG.</summary>
    public static void Send(string name, int processId)
    {
        using var kill = Process.Start("kill", [$"-{name}", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.That(kill.ExitCode, Is.Zero);
    }
}
