using System.Runtime.InteropServices;

namespace ChatServer;

/// <summary>How many connections the process can hold: each is an open file, and a .NET process that can open none dies when it loads its next assembly.</summary>
internal static partial class OpenFiles
{
    /// <summary>Connections to the page, which have a limit of their own.</summary>
    public const int ForPage = 64;

    /// <summary>What is opened after the start, such as assemblies that are loaded late, each of which keeps two files open.</summary>
    private const int ForLater = 96;

    private const int NumberOfOpenFiles = 7; // RLIMIT_NOFILE
    private const int NumberOfOpenFilesOnMac = 8;

    /// <summary>The process's limit: the soft one, which the runtime raises to the hard one when it starts; the greatest number where there is none.</summary>
    public static ulong Most { get; } =
        !OperatingSystem.IsWindows() && GetLimit(OperatingSystem.IsLinux() ? NumberOfOpenFiles : NumberOfOpenFilesOnMac, out Limit limit) == 0 ? limit.Soft : ulong.MaxValue;

    /// <summary>How many of the connections that are wanted can be had, beside what is open now and will be.</summary>
    /// <exception cref="StartException">None can.</exception>
    public static int Grant(int wanted) => Grant(wanted, Most, OperatingSystem.IsWindows() ? 0 : Directory.EnumerateFileSystemEntries("/dev/fd").Count());

    public static int Grant(int wanted, ulong most, int open)
    {
        ulong own = (ulong)(open + ForLater + ForPage);
        return most > own ? (int)Math.Min((ulong)wanted, most - own) : throw new StartException(Complaints.OpenFiles(most, own));
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
