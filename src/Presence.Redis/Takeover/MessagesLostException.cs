namespace Presence.Redis.Takeover;

/// <summary>Messages that the store sent did not come.</summary>
internal sealed class MessagesLostException(long count)
    : Exception($"{count} that the store told this server of did not come. Its sessions are checked instead, each third of a lease. Does an access list forbid its channels, or is a subscription's connection dead?");
