namespace Presence;

/// <summary>What can happen to a session: as one value, what did; as a set of flags, what a callback wants to be told.</summary>
[Flags]
public enum PresenceChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It started.</summary>
    Joined = 1,

    /// <summary>It ended by <c>Leave</c>.</summary>
    Left = 2,

    /// <summary>It ended because its client joined again.</summary>
    Replaced = 4,

    /// <summary>It ended because its count exceeded its limit.</summary>
    Expired = 8,

    /// <summary>It ended because the tracker was disposed.</summary>
    Shutdown = 16,

    /// <summary>A tick found its count over <see cref="PresenceOptions.SuspectAfter"/>. Only <see cref="Expired"/> is final.</summary>
    Suspected = 32,

    /// <summary>A tick found that it is a suspect no more: an expiry that did not happen.</summary>
    Recovered = 64,

    /// <summary>
    /// The server that held it is gone, and nobody took it over in time. Told by a satellite that joins the trackers of several servers, to one of the
    /// servers that are left, which never had the session: <see cref="PresenceChange.Session"/> and <see cref="PresenceChange.State"/> are empty.
    /// </summary>
    ServerLost = 128,

    /// <summary>Its state was replaced by <c>SetState</c>; the change has the new one.</summary>
    Updated = 256,

    /// <summary>Every way in which a session of this tracker ends. Each has exactly one of these, once.</summary>
    Ended = Left | Replaced | Expired | Shutdown,

    /// <summary>Everything.</summary>
    All = Joined | Suspected | Recovered | Ended | ServerLost | Updated,
}
