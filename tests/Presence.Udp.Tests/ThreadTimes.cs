using System.Globalization;

namespace Presence.Udp.Tests;

/// <summary>Processor time by the names of threads, as Linux tells it in steps of 10 ms; elsewhere none is known.</summary>
internal static class ThreadTimes
{
    private const string Receiver = "Presence UDP he"; // as much of the name as the kernel keeps
    private const double StepsPerSecond = 100;

    public static TimeSpan OfReceivers()
    {
        if (!OperatingSystem.IsLinux())
        {
            return TimeSpan.Zero;
        }

        double steps = Directory.GetDirectories("/proc/self/task").Select(StepsOf).Sum();
        return TimeSpan.FromSeconds(steps / StepsPerSecond);
    }

    private static double StepsOf(string task)
    {
        string stat;
        try
        {
            stat = File.ReadAllText(Path.Combine(task, "stat"));
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }

        int end = stat.LastIndexOf(')');
        if (!stat[..end].EndsWith(Receiver, StringComparison.Ordinal))
        {
            return 0;
        }

        string[] fields = stat[(end + 2)..].Split(' '); // from the third on
        return double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
