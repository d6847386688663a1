namespace ChatClient;

/// <summary>Standard input and output as they are.</summary>
internal sealed class PipeTerminal : Terminal
{
    public override string? Read() => Console.ReadLine();

    public override void Write(string text) => Console.WriteLine(text);
}
