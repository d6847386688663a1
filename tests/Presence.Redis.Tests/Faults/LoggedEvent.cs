using System.Globalization;

namespace Presence.Redis.Tests.Faults;

/// <summary>A line of a server's log.</summary>
/// <param name="Server">Which server's.</param>
/// <param name="At">When, by the clock that <see cref="TimeProvider.GetTimestamp"/> reads in every process of the machine.</param>
/// <param name="What">What it is about.</param>
/// <param name="Words">The rest.</param>
internal sealed record LoggedEvent(string Server, long At, string What, string[] Words)
{
    public static LoggedEvent Parse(string server, string line)
    {
        string[] words = line.Split(' ');
        return new LoggedEvent(server, long.Parse(words[0], CultureInfo.InvariantCulture), words[1], words[2..]);
    }
}
