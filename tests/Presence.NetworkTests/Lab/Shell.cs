using System.Diagnostics;

namespace Presence.NetworkTests.Lab;

/// <summary>Runs the system's tools.</summary>
internal static class Shell
{
    /// <summary>Runs a tool to its end.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what it wrote.</exception>
    public static async Task<string> RunAsync(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Limit);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'{tool} {string.Join(' ', arguments)}' failed: {await errors}{output}");
    }

    public static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, tool)));
}
