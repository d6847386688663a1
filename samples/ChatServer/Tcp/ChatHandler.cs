using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Presence;

namespace ChatServer;

/// <summary>Serves a connection from its first line to its last; then ends its session.</summary>
/// <remarks>
/// A logout, a FIN and a reset all end in the same call of <c>Leave</c>. If the session has ended before, by expiry, that does
/// nothing; else the tracker calls back, and <see cref="Leaving"/> tears down.
/// </remarks>
internal sealed class ChatHandler(
    IPresenceTracker tracker, Login login, Commands commands, IOptions<ChatOptions> options, TimeProvider timeProvider, LogRate rate, ILogger<ChatHandler> logger) : ConnectionHandler
{
    private static readonly TimeSpan PartingTime = TimeSpan.FromSeconds(1);

    private int _connections;

    /// <summary>How many connections are open, logged in or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var client = new ChatConnection((AdmittedConnection)connection); // as AdmittingListener accepts them
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration onStopping = stopping.UnsafeRegister(_ => client.Close(), null);
        Interlocked.Increment(ref _connections);
        try
        {
            await ServeAsync(client, new MessageReader(client, options.Value.MaxLinesPerSecond, timeProvider));
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            // The client reset the connection, or was cut off. Those are ways to go like any other.
        }
        catch (Exception exception)
        {
            client.Send(Errors.Failed);
            if (rate.Allows(logger))
            {
                Log.ServingFailed(logger, $"{exception.GetType().Name}: {exception.Message}");
            }
        }
        finally
        {
            Leave(client, stopping);
            client.Finish();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task ServeAsync(ChatConnection client, MessageReader messages)
    {
        if (await login.LogInAsync(client, messages) is { } user)
        {
            while (client.Reason is null && await messages.ReadAsync() is { } message)
            {
                if (commands.Do(message, user, client) is { } answer)
                {
                    client.Send(answer);
                }
            }
        }

        if (client.IsDismissed)
        {
            tracker.Leave(client.Session); // at once, while what it still sends comes in
            await PartAsync(client, messages);
        }
    }

    /// <summary>Lets a client that has been told why read it and close; one that does not, or is gone, is reset.</summary>
    /// <remarks>
    /// A FIN alone would leave the kernel with a socket of the dead client for a minute or two. And a reset at once could take the client the line that it
    /// has yet to read, as could a close while it is still sending.
    /// </remarks>
    private async Task PartAsync(ChatConnection client, MessageReader messages)
    {
        await using ITimer enough = timeProvider.CreateTimer(_ => client.Close(), null, PartingTime, Timeout.InfiniteTimeSpan);
        if (!await messages.DiscardAsync())
        {
            client.Reset();
        }
    }

    private void Leave(ChatConnection client, CancellationToken stopping)
    {
        if (!stopping.IsCancellationRequested) // or else the tracker ends it, as it ends all when the server shuts down
        {
            tracker.Leave(client.Session);
        }
    }
}
