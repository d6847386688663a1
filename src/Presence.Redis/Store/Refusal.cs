namespace Presence.Redis.Store;

/// <summary>Why the store took nothing of a batch.</summary>
internal enum Refusal
{
    /// <summary>It took it.</summary>
    None,

    /// <summary>The epoch may not write there, or the store lost a batch that it had answered.</summary>
    EpochLost,

    /// <summary>A later batch was executed before: this one lay in a socket, or was overtaken.</summary>
    Overtaken,
}
