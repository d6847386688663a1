using Presence;

namespace ChatServer;

/// <summary>Reads messages until one logs in: then its session starts.</summary>
internal sealed class Login(IPresenceTracker tracker, Resuming resuming, LoginTimeouts timeouts, Elsewhere? elsewhere = null)
{
    /// <summary>Waits for the login, for as long as it may take.</summary>
    /// <returns>The user; or null if the connection ended first.</returns>
    public async Task<string?> LogInAsync(ChatConnection client, MessageReader messages)
    {
        LinkedListNode<(ChatConnection Client, long Since)> timeout = timeouts.Start(client);
        try
        {
            while (await messages.ReadAsync() is { } message)
            {
                string user = "";
                if ((Check(message, out user) ?? await JoinAsync(message, client, user)) is { } error)
                {
                    client.Send(error);
                    continue;
                }

                await client.Welcomed.Task; // so that whatever it says next comes after its "joined"
                return user;
            }

            return null;
        }
        finally
        {
            timeouts.Stop(timeout);
        }
    }

    private static ErrorMessage? Check(ClientMessage message, out string user)
    {
        user = "";
        return message.Type switch
        {
            "login" when message.User is null => Errors.BadMessage("user"),
            "login" => UserName.TryParse(message.User, out user) ? null : Errors.BadName(message.User),
            "say" or "tell" or "who" or "heartbeat" or "logout" => Errors.NotLoggedIn(message.Type),
            _ => Errors.UnknownType(message.Type),
        };
    }

    private async Task<ErrorMessage?> JoinAsync(ClientMessage login, ChatConnection client, string user)
    {
        client.User = user;
        if (resuming.TryResume(login, user, client))
        {
            return null;
        }

        if ((elsewhere is not null && await elsewhere.IsTakenAsync(user)) || !tracker.TryJoin(user, out SessionId session, client))
        {
            return Errors.NameInUse(user);
        }

        client.Session = session;
        return null;
    }
}
