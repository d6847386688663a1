using System.Diagnostics;

namespace Presence.Redis.Tests.Server;

/// <summary>Everything that happens to this server's sessions, a line each, in a file: what was written is there also if the process is killed the moment after.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class EventLog(string path) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _file = new(path) { AutoFlush = true };

    /// <summary>Writes a line, behind the time that all processes of a machine share.</summary>
    public void Write(FormattableString line)
    {
        lock (_lock)
        {
            _file.WriteLine(FormattableString.Invariant($"{Stopwatch.GetTimestamp()} {FormattableString.Invariant(line)}"));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
        }
    }
}
