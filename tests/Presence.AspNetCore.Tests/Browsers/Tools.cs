using System.Diagnostics;

namespace Presence.AspNetCore.Tests.Browsers;

/// <summary>Programs beyond the SDK. A test that needs one that is not there is skipped, and says what to install.</summary>
internal static class Tools
{
    public static string Need(string program, string package)
    {
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Assert.Ignore($"This test needs {program}: apt-get install {package}");
        }

        return found!;
    }

    /// <summary>Runs a program to its end, and returns what it wrote if it succeeds.</summary>
    public static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        string written = await output + await errors;
        Assert.That(process.ExitCode, Is.Zero, written);
        return written;
    }
}
