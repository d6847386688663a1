using System.Globalization;

namespace Presence;

/// <summary>Names one stay of a client, from its join to its end, and never names another.</summary>
/// <remarks>
/// <para>A closed session's id stays dead: however often its slot is used again, no later session gets the same id from
/// the same tracker. So an event that is late, keyed by session, cannot touch a newer session of the same client.</para>
/// <para>Ids are hard to predict (24 bits of each are keyed anew for every tracker) but they are names, not secrets:
/// whoever must not be impersonated needs a key as well.</para>
/// <para>Thread safety: an immutable value.</para>
/// </remarks>
/// <param name="Value">The 64 bits of the id, for a transport that puts it on the wire; 0 is <see cref="None"/>.</param>
public readonly record struct SessionId(ulong Value)
{
    /// <summary>The id that no session has; the default value.</summary>
    public static SessionId None => default;

    /// <summary>Reads the 16 hexadecimal digits that <see cref="ToString"/> writes, in either case.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="session">The id that was read, or <see cref="None"/>.</param>
    /// <returns>Whether <paramref name="text"/> is exactly 16 hexadecimal digits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out SessionId session)
    {
        bool parsed = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) && text.Length == 16;
        session = parsed ? new SessionId(value) : None;
        return parsed;
    }

    /// <summary>The id as 16 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
