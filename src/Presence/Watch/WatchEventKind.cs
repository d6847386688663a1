namespace Presence;

/// <summary>What a <see cref="WatchEvent"/> says of a client.</summary>
public enum WatchEventKind
{
    /// <summary>It was there when the watch began, or began anew.</summary>
    Present = 0,

    /// <summary>It came.</summary>
    Entered = 1,

    /// <summary>Its state was replaced.</summary>
    Updated = 2,

    /// <summary>It is gone.</summary>
    Left = 3,

    /// <summary>The reader fell behind and its buffer was full: whom it knew counts no more, and all who are there follow as <see cref="Present"/>.</summary>
    Reset = 4,
}
