namespace ChatClient;

/// <summary>Where the user types and reads.</summary>
/// <remarks>Thread safety: any thread may write; one reads.</remarks>
internal abstract class Terminal
{
    /// <summary>A terminal where somebody sits; or else a pipe or a file, without anything but the text.</summary>
    public static Terminal Open() => Console.IsInputRedirected || Console.IsOutputRedirected ? new PipeTerminal() : new EditingTerminal();

    /// <summary>Waits for a line that is typed.</summary>
    /// <returns>The line; null at the end of the input.</returns>
    public abstract string? Read();

    public abstract void Write(string text);

    /// <summary>Leaves the terminal as it was found.</summary>
    public virtual void Close()
    {
    }
}
