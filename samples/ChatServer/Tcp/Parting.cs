namespace ChatServer;

/// <summary>Lets a client that has been told why read it and close; one that does not, or is gone, is reset.</summary>
/// <remarks>
/// A FIN alone would leave the kernel with a socket of the dead client for a minute or two. And a reset at once could take the client the line that it
/// has yet to read, as could a close while it is still sending.
/// </remarks>
internal static class Parting
{
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(1);

    public static async Task WaitAsync(ChatConnection client, MessageReader messages, TimeProvider timeProvider)
    {
        await using ITimer enough = timeProvider.CreateTimer(_ => client.Close(), null, Time, Timeout.InfiniteTimeSpan);
        if (!await messages.DiscardAsync())
        {
            client.Reset();
        }
    }
}
