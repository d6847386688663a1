using System.Globalization;
using System.Text;

namespace ChatServer;

/// <summary>What a user may be called: 1 to 32 letters and digits of one script, and <c>-</c> or <c>_</c>; so that two names that look alike are one, or are refused.</summary>
/// <remarks>
/// It follows UTS #39, Unicode's security mechanisms, as far as .NET has its tables. Names are compared in NFKC. What is left needs tables that .NET lacks: letters
/// that look alike within a script (<c>l</c> and <c>I</c>), and names that look alike wholly in another script (Cyrillic <c>сосо</c> and Latin <c>coco</c>).
/// </remarks>
internal static class UserName
{
    public const int MaxLength = 32;

    private const int MaxMarks = 4; // in a row: UTS #39, section 5.4

    /// <summary>Checks a name, and brings it to the one form in which names are compared.</summary>
    public static bool TryParse(string? text, out string name)
    {
        name = "";
        if (string.IsNullOrEmpty(text) || text.Length > ChatOptions.MaxLineBytes || !text.EnumerateRunes().All(IsAllowed))
        {
            return false; // and what is not assigned is never normalized, which throws for some of it
        }

        string normalized = text.Normalize(NormalizationForm.FormKC);
        Rune[] runes = [.. normalized.EnumerateRunes()];
        if (runes.Length > MaxLength || !runes.All(IsAllowed) || !IsReadable(normalized) || !Script.IsOne(runes))
        {
            return false;
        }

        name = normalized;
        return true;
    }

    private static bool IsAllowed(Rune rune) =>
        rune.Value is '-' or '_'
        || ((Rune.IsLetterOrDigit(rune) || IsMark(rune)) && !IsInvisible(rune));

    // Many scripts, such as Devanagari and Thai, write parts of a letter as marks that follow it.
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Whether a letter or mark shows nothing: those of Unicode's Default_Ignorable_Code_Point that are letters or marks.</summary>
    private static bool IsInvisible(Rune rune) => rune.Value
        is 0x034F // combining grapheme joiner
        or 0x115F or 0x1160 or 0x3164 or 0xFFA0 // Hangul fillers
        or 0x17B4 or 0x17B5 // Khmer inherent vowels
        or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF); // variation selectors

    /// <summary>Whether there is a letter or digit to see, marks follow one, and digits are of one system.</summary>
    private static bool IsReadable(string name)
    {
        Rune[] runes = [.. name.Normalize(NormalizationForm.FormD).EnumerateRunes()]; // also the marks of letters that are one with theirs
        int marks = MaxMarks; // none at the start
        int? zero = null;
        foreach (Rune rune in runes)
        {
            marks = IsMark(rune) ? marks + 1 : 0;
            int? zeroOfThis = Rune.IsDigit(rune) ? rune.Value - (int)Rune.GetNumericValue(rune) : zero;
            if (marks > MaxMarks || (zero ?? zeroOfThis) != zeroOfThis)
            {
                return false;
            }

            zero = zeroOfThis;
        }

        return runes.Any(Rune.IsLetterOrDigit);
    }
}
