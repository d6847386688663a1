using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Presence;

namespace ChatServer;

/// <summary>Serves a connection from its first line to its last; then ends its session.</summary>
/// <remarks>
/// A logout ends the session at once. A connection that breaks, by a FIN without a goodbye or a reset, only puts it on short notice: who is back in time is not missed. If the session has
/// ended before, by expiry, either does nothing; else the tracker calls back, and <see cref="Leaving"/> tears down.
/// </remarks>
internal sealed class ChatHandler(
    IPresenceTracker tracker, Login login, Breaking breaking, Commands commands, IOptions<ChatOptions> options, TimeProvider timeProvider, LogRate rate, ILogger<ChatHandler> logger) : ConnectionHandler
{
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
                tracker.Heartbeat(client.Session); // whatever it says, it lives
                if (commands.Do(message, user, client) is { } answer)
                {
                    client.Send(answer);
                }
            }
        }

        if (client.IsDismissed)
        {
            tracker.Leave(client.Session); // at once, while what it still sends comes in
            await Parting.WaitAsync(client, messages, timeProvider);
        }
    }

    private void Leave(ChatConnection client, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            return; // the tracker ends it, as it ends all when the server shuts down
        }

        if (client.Reason is not null || client.IsDismissed)
        {
            tracker.Leave(client.Session);
        }
        else
        {
            breaking.OnBroken(client);
        }
    }
}
