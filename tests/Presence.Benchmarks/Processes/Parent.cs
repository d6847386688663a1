using System.Threading.Channels;

namespace Presence.Benchmarks.Processes;

/// <summary>What the parent of this process asks. When the parent is gone, however it went, the questions end, and so does this process.</summary>
internal static class Parent
{
    /// <summary>Reads from a thread of its own, for reading the console blocks.</summary>
    public static IAsyncEnumerable<string> Questions()
    {
        var questions = Channel.CreateUnbounded<string>();
        var reader = new Thread(() =>
        {
            while (Console.ReadLine() is { } line)
            {
                questions.Writer.TryWrite(line);
            }

            questions.Writer.Complete();
        });
        reader.Start();
        return questions.Reader.ReadAllAsync();
    }

    /// <summary>Waits for the parent to be gone.</summary>
    public static async Task GoneAsync()
    {
        await foreach (string question in Questions())
        {
            throw new InvalidOperationException($"'{question}' is nothing to ask here.");
        }
    }
}
