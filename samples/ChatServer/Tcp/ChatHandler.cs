using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Presence;

namespace ChatServer;

/// <summary>Reads what a connection sends and does it, until the connection ends; then ends the session.</summary>
/// <remarks>
/// A logout, a FIN and a reset all end in the same call of <c>Leave</c>. If the session has ended before, by expiry, that does
/// nothing; else the tracker calls back, and the <see cref="Room"/> tears down.
/// </remarks>
internal sealed class ChatHandler(IPresenceTracker tracker, Room room, LoginTimeouts loginTimeouts, TimeProvider timeProvider, Elsewhere? elsewhere = null) : ConnectionHandler
{
    private static readonly TimeSpan PartingTime = TimeSpan.FromSeconds(1);

    private int _connections;

    /// <summary>How many connections are open, logged in or not.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var client = new ChatConnection(connection, timeProvider);
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration onStopping = stopping.UnsafeRegister(_ => client.Close(), null);
        Interlocked.Increment(ref _connections);
        try
        {
            await ServeAsync(client);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            // The client reset the connection, or was cut off. Those are ways to go like any other.
        }
        finally
        {
            if (!stopping.IsCancellationRequested) // or else the tracker ends it, as it ends all when the server shuts down
            {
                tracker.Leave(client.Session);
            }

            client.Finish();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task ServeAsync(ChatConnection client)
    {
        if (await LogInInTimeAsync(client) is { } user)
        {
            while (!client.HasLoggedOut && await client.Lines.ReadAsync() is { } line)
            {
                if (!IsBlank(line) && Handle(client, user, ClientMessage.TryParse(line)) is { } answer)
                {
                    client.Send(answer);
                }
            }
        }

        if (client.Lines.IsTooLong)
        {
            client.Send(Errors.LineTooLong);
            tracker.Leave(client.Session); // at once, while the rest of the line comes in
        }

        if (client.IsDismissed || client.Lines.IsTooLong)
        {
            await PartAsync(client);
        }
    }

    /// <summary>Lets a client that has been told why read it and close; one that does not, or is gone, is reset.</summary>
    /// <remarks>
    /// A FIN alone would leave the kernel with a socket of the dead client for a minute or two. And a reset at once could take the client the line that it
    /// has yet to read, as could a close while it is still sending.
    /// </remarks>
    private async Task PartAsync(ChatConnection client)
    {
        await using ITimer enough = timeProvider.CreateTimer(_ => client.Close(), null, PartingTime, Timeout.InfiniteTimeSpan);
        if (!await client.Lines.DiscardAsync())
        {
            client.Reset();
        }
    }

    /// <summary>Reads lines until one logs in, for as long as the login may take.</summary>
    /// <returns>The user; or null if the connection ended first.</returns>
    private async Task<string?> LogInInTimeAsync(ChatConnection client)
    {
        LinkedListNode<(ChatConnection Client, long Since)> timeout = loginTimeouts.Start(client);
        try
        {
            return await LogInAsync(client);
        }
        finally
        {
            loginTimeouts.Stop(timeout);
        }
    }

    private async Task<string?> LogInAsync(ChatConnection client)
    {
        while (await client.Lines.ReadAsync() is { } line)
        {
            if (IsBlank(line))
            {
                continue;
            }

            ClientMessage? message = ClientMessage.TryParse(line);
            string user = "";
            ErrorMessage? error = message?.Type == "login" ? CheckName(message.User, out user) : Refuse(message);
            error ??= await JoinAsync(client, user);
            if (error is null)
            {
                await client.Welcomed; // so that whatever it says next comes after its "joined"
                return user;
            }

            client.Send(error);
        }

        return null;
    }

    private static ErrorMessage? CheckName(string? name, out string user) =>
        UserName.TryParse(name, out user) ? null : name is null ? Errors.BadMessage("user") : Errors.BadName;

    private async Task<ErrorMessage?> JoinAsync(ChatConnection client, string user)
    {
        if ((elsewhere is not null && await elsewhere.IsTakenAsync(user)) || !tracker.TryJoin(user, out SessionId session, client))
        {
            return Errors.NameInUse;
        }

        client.Session = session;
        return null;
    }

    private static ErrorMessage Refuse(ClientMessage? message) =>
        message is null ? Errors.BadJson : message.Type is "say" or "tell" or "who" or "logout" ? Errors.NotLoggedIn : Errors.UnknownType;

    /// <summary>Does what a client that is logged in asks for.</summary>
    /// <returns>What to answer, if anything.</returns>
    private ServerMessage? Handle(ChatConnection client, string user, ClientMessage? message)
    {
        switch (message?.Type)
        {
            case "say" or "tell" when string.IsNullOrEmpty(message.Text):
                return Errors.BadMessage("text");
            case "say":
                room.Say(user, client, message.Text);
                return null;
            case "tell" when string.IsNullOrEmpty(message.To):
                return Errors.BadMessage("to");
            case "tell":
                return UserName.TryParse(message.To, out string to) && room.Tell(user, client, to, message.Text) ? null : Errors.NotOnline;
            case "who":
                return room.Who();
            case "logout":
                client.HasLoggedOut = true;
                return null;
            case "login":
                return Errors.AlreadyLoggedIn;
            default:
                return message is null ? Errors.BadJson : Errors.UnknownType;
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8).IsEmpty;
}
