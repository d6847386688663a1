namespace Presence.Benchmarks.Freeze;

/// <summary>A client that keeps a connection, and shows that it is alive as its protocol has it. It never connects again.</summary>
internal interface IFreezeClient
{
    Task ConnectAsync(int port);

    /// <summary>Whether the server still serves this client: says something to itself through it and waits for that to come back.</summary>
    Task<bool> IsServedAsync(TimeSpan limit);
}
