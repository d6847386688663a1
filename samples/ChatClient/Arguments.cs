namespace ChatClient;

/// <summary>What the command line says.</summary>
internal sealed record Arguments(string User, string Host, int Port, Tls Tls);
