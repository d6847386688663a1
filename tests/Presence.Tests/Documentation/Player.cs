namespace Presence.Tests.Documentation;

internal sealed record Player(string Name);
