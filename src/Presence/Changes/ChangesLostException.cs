namespace Presence;

/// <summary>Thrown to a reader of changes that fell so far behind that its buffer was full: it has missed some.</summary>
/// <remarks>The changes before the first one lost have all been read. Take a new snapshot, and read anew.</remarks>
public sealed class ChangesLostException : InvalidOperationException
{
    /// <summary>Makes the exception with its usual message.</summary>
    public ChangesLostException()
        : base("The reader of changes fell behind and its buffer was full, so changes are lost. Start to read anew, then take a snapshot; read faster or with a larger capacity.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    public ChangesLostException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public ChangesLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
