namespace Presence.Tests;

/// <summary>The folder of Presence.sln, for tests of what the repository says and packs.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(System.IO.Path.Combine(folder, "Presence.sln")) ? folder : Find(System.IO.Path.GetDirectoryName(folder)!);
}
