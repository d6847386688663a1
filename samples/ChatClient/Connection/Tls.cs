namespace ChatClient;

/// <summary>How the connection is protected.</summary>
internal enum Tls
{
    /// <summary>Not at all: everything is sent in clear text, the key too.</summary>
    None,

    /// <summary>By TLS, with a server whose certificate this machine trusts.</summary>
    Trusted,

    /// <summary>By TLS, with whoever answers: for a development certificate.</summary>
    Insecure,
}
