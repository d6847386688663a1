using System.Runtime.InteropServices;

namespace ChatServer;

/// <summary>How many connections the process can hold: each is an open file, and a .NET process that can open none dies when it loads its next assembly.</summary>
internal static partial class OpenFiles
{
    /// <summary>So many connections to the page are enough.</summary>
    private const int MostForPage = 64;

    /// <summary>
    /// What is opened after the start, such as assemblies that are loaded late, each of which keeps two files open. As measured: 33 when the listeners are there and everything was used, 39 with TLS; and some more.
    /// </summary>
    private const int ForLater = 64;

    private const int NumberOfOpenFiles = 7; // RLIMIT_NOFILE
    private const int NumberOfOpenFilesOnMac = 8;

    /// <summary>The process's limit: the soft one, which the runtime raises to the hard one when it starts; the greatest number where there is none.</summary>
    public static ulong Most { get; } =
        !OperatingSystem.IsWindows() && GetLimit(OperatingSystem.IsLinux() ? NumberOfOpenFiles : NumberOfOpenFilesOnMac, out Limit limit) == 0 ? limit.Soft : ulong.MaxValue;

    /// <summary>How many of the connections that are wanted can be had, beside what is open now and will be. A quarter of what is left goes to the page.</summary>
    /// <exception cref="StartException">None can.</exception>
    public static OpenFilesGrant Grant(int wanted) => Grant(wanted, Most, OperatingSystem.IsWindows() ? 0 : Directory.EnumerateFileSystemEntries("/dev/fd").Count());

    public static OpenFilesGrant Grant(int wanted, ulong most, int open)
    {
        ulong own = (ulong)(open + ForLater);
        if (most < own + 2)
        {
            throw new StartException(Complaints.OpenFiles(most, own));
        }

        ulong left = most - own;
        ulong page = Math.Clamp(left / 4, 1, MostForPage);
        return new OpenFilesGrant((int)Math.Min((ulong)wanted, left - page), (int)page);
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
