namespace ChatClient;

/// <summary>How a conversation ended.</summary>
/// <param name="Text">What the user is told.</param>
/// <param name="ExitCode">With what the program ends; null if it is worth another attempt.</param>
internal sealed record Ending(string Text, int? ExitCode = null);
