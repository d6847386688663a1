namespace Presence.Tests.Documentation;

/// <summary>Stands for what a host holds for a client.</summary>
public sealed class Connection
{
    public bool IsClosed { get; private set; }

    public ValueTask CloseAsync()
    {
        IsClosed = true;
        return ValueTask.CompletedTask;
    }
}
