namespace ChatServer;

/// <summary>Does what a client that is logged in asks for.</summary>
internal sealed class Commands(Room room, Talking talking)
{
    /// <returns>What to answer, if anything.</returns>
    public ServerMessage? Do(ClientMessage message, string user, ChatConnection client)
    {
        switch (message.Type)
        {
            case "say" or "tell" when string.IsNullOrEmpty(message.Text):
                return Errors.BadMessage("text");
            case "say":
                return talking.Say(user, client, message.Text);
            case "tell" when string.IsNullOrEmpty(message.To):
                return Errors.BadMessage("to");
            case "tell":
                return UserName.TryParse(message.To, out string to) ? talking.Tell(user, client, to, message.Text) : Errors.NotOnline(message.To);
            case "who":
                lock (room.Gate)
                {
                    return room.Who(message.After ?? "");
                }

            case "heartbeat":
                return null; // for those whose network lets no UDP through; any line counts as one
            case "logout":
                client.Reason ??= "left";
                return null;
            case "login":
                return Errors.AlreadyLoggedIn;
            default:
                return Errors.UnknownType(message.Type);
        }
    }
}
