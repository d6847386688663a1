using System.Runtime.InteropServices;

namespace ChatServer;

/// <summary>How many connections the process can hold: each is an open file, and a server that has none left can neither accept nor go on.</summary>
internal static partial class OpenFiles
{
    /// <summary>For UDP, the page, the store, the log and the runtime's own.</summary>
    public const int Reserve = 128;

    private const int NumberOfOpenFiles = 7; // RLIMIT_NOFILE
    private const int NumberOfOpenFilesOnMac = 8;

    /// <summary>How many of the connections that are wanted can be had.</summary>
    /// <param name="wanted">What the settings say.</param>
    /// <param name="limit">The process's limit of open files.</param>
    public static int Grant(int wanted, ulong limit) => (int)Math.Min((ulong)wanted, Math.Max(1, limit <= Reserve ? limit / 2 : limit - Reserve));

    /// <summary>The process's soft limit of open files. The runtime raises it to the hard one when it starts.</summary>
    /// <returns>The limit; the greatest number where there is none.</returns>
    public static ulong ReadLimit() =>
        !OperatingSystem.IsWindows() && GetLimit(OperatingSystem.IsLinux() ? NumberOfOpenFiles : NumberOfOpenFilesOnMac, out Limit limit) == 0 ? limit.Soft : ulong.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
