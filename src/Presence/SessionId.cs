using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Presence;

/// <summary>Names one stay of a client, from its join to its end, and never names another.</summary>
/// <remarks>
/// <para>A closed session's id stays dead: however often its slot is used again, no later session gets the same id from
/// the same tracker. So an event that is late, keyed by session, cannot touch a newer session of the same client.</para>
/// <para>Ids are hard to predict (24 bits of each are keyed anew for every tracker) but they are names, not secrets:
/// whoever must not be impersonated needs a key as well.</para>
/// <para>As text it is 16 hexadecimal digits: written in lower case and read in either, in JSON, in routes and wherever .NET parses and formats. There are no other formats, and
/// cultures don't matter.</para>
/// <para>Thread safety: an immutable value.</para>
/// </remarks>
/// <param name="Value">The 64 bits of the id, for a transport that puts it on the wire; 0 is <see cref="None"/>.</param>
[JsonConverter(typeof(SessionIdJsonConverter))]
public readonly record struct SessionId(ulong Value) : ISpanParsable<SessionId>, ISpanFormattable
{
    private const int Digits = 16;

    /// <summary>The id that no session has; the default value.</summary>
    public static SessionId None => default;

    /// <summary>Reads the 16 hexadecimal digits that <see cref="ToString()"/> writes, in either case.</summary>
    /// <param name="text">The text to read.</param>
    /// <param name="session">The id that was read, or <see cref="None"/>.</param>
    /// <returns>Whether <paramref name="text"/> is exactly 16 hexadecimal digits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out SessionId session)
    {
        bool parsed = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) && text.Length == Digits && !text.Contains('\0'); // which a parser of numbers takes at the end
        session = parsed ? new SessionId(value) : None;
        return parsed;
    }

    /// <summary>As the other overload, where .NET looks for it: for a parameter of a route, for example.</summary>
    /// <param name="s">The text to read; null is none.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The id that was read, or <see cref="None"/>.</param>
    /// <returns>Whether <paramref name="s"/> is exactly 16 hexadecimal digits.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SessionId result) => TryParse(s.AsSpan(), out result);

    /// <summary>Reads the 16 hexadecimal digits that <see cref="ToString()"/> writes, in either case.</summary>
    /// <param name="text">The text to read.</param>
    /// <returns>The id.</returns>
    /// <exception cref="FormatException"><paramref name="text"/> is not exactly 16 hexadecimal digits.</exception>
    public static SessionId Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out SessionId session) ? session : throw new FormatException("A session id is 16 hexadecimal digits.");

    /// <summary>The id as 16 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);

    static bool ISpanParsable<SessionId>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out SessionId result) => TryParse(s, out result);

    static SessionId ISpanParsable<SessionId>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static SessionId IParsable<SessionId>.Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s);
    }

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider)
    {
        ThrowIfUnknown(format);
        return ToString();
    }

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        ThrowIfUnknown(format);
        return Value.TryFormat(destination, out charsWritten, "x16", CultureInfo.InvariantCulture);
    }

    private static void ThrowIfUnknown(ReadOnlySpan<char> format)
    {
        if (!format.IsEmpty)
        {
            throw new FormatException($"A session id has one format, and '{format}' is not it. Leave the format out.");
        }
    }
}
