using System.Diagnostics;
using System.Text;

namespace ChatServer.Tests;

/// <summary>A program of the sample on a terminal, which <c>script</c> makes: what it draws is read letter by letter.</summary>
internal sealed class TerminalProcess : IDisposable
{
    private const string Script = "/usr/bin/script";

    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly char[] _buffer = new char[1024];

    private TerminalProcess(Process process) => _process = process;

    /// <summary>Starts a program; where there is no <c>script</c>, the test is skipped.</summary>
    public static TerminalProcess Start(string program, string arguments)
    {
        if (!File.Exists(Script))
        {
            Assert.Ignore("There is no script(1) to make a terminal with: install bsdutils.");
        }

        string command = $"stty cols 80 rows 24; exec {ChildProcess.Host} {ChildProcess.AssemblyOf(program)} {arguments}";
        var start = new ProcessStartInfo(Script, ["-qefc", command, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["TERM"] = "xterm", ["LANG"] = "C.UTF-8" },
        };
        return new TerminalProcess(Process.Start(start)!);
    }

    public void Type(string text)
    {
        _process.StandardInput.Write(text);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until a text is drawn.</summary>
    /// <returns>All that was drawn since the last call, up to and with it.</returns>
    public async Task<string> ReadUntilAsync(string text)
    {
        while (true)
        {
            string screen = _screen.ToString();
            int at = screen.IndexOf(text, StringComparison.Ordinal);
            if (at >= 0)
            {
                _screen.Remove(0, at + text.Length);
                return screen[..(at + text.Length)];
            }

            int count = await _process.StandardOutput.ReadAsync(_buffer).AsTask().WaitAsync(Wait.Limit);
            Assert.That(count, Is.Positive, $"It ended. What it drew: {screen}");
            _screen.Append(_buffer, 0, count);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
