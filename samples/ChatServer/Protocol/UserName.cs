using System.Globalization;
using System.Text;

namespace ChatServer;

/// <summary>What a user may be called: 1 to 32 letters, digits, <c>-</c> or <c>_</c>, in any script.</summary>
internal static class UserName
{
    public const int MaxLength = 32;

    /// <summary>Checks a name, and brings it to the one form (Unicode's NFC) in which names are compared.</summary>
    public static bool TryParse(string? text, out string name)
    {
        name = "";
        if (string.IsNullOrEmpty(text) || text.Length > ChatOptions.MaxLineBytes || text.EnumerateRunes().Contains(Rune.ReplacementChar))
        {
            return false; // enumerating runes shows half a surrogate pair as U+FFFD, and normalizing it would throw
        }

        string normalized = text.Normalize(NormalizationForm.FormC);
        bool isFirst = true;
        int length = 0;
        foreach (Rune rune in normalized.EnumerateRunes())
        {
            if (!IsAllowed(rune, isFirst) || ++length > MaxLength)
            {
                return false;
            }

            isFirst = false;
        }

        name = normalized;
        return true;
    }

    // Many scripts, such as Devanagari and Thai, write parts of a letter as marks that follow it.
    private static bool IsAllowed(Rune rune, bool isFirst) =>
        Rune.IsLetterOrDigit(rune)
        || rune.Value is '-' or '_'
        || (!isFirst && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
}
