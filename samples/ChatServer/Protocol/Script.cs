using System.Text;
using System.Text.Unicode;

namespace ChatServer;

/// <summary>The scripts in which names are written: those that Unicode recommends for identifiers (UAX #31, table 5).</summary>
/// <remarks>
/// .NET knows blocks and not scripts, which is nearly the same. As in UTS #39, Han letters go with kana, with Hangul, and with Bopomofo.
/// </remarks>
internal static class Script
{
    private static readonly UnicodeRange[] Han =
    [
        UnicodeRanges.CjkSymbolsandPunctuation, UnicodeRanges.CjkUnifiedIdeographsExtensionA, UnicodeRanges.CjkUnifiedIdeographs, UnicodeRanges.CjkCompatibilityIdeographs,
    ];

    private static readonly UnicodeRange[][] All =
    [
        [
            UnicodeRanges.BasicLatin, UnicodeRanges.Latin1Supplement, UnicodeRanges.LatinExtendedA, UnicodeRanges.LatinExtendedB, UnicodeRanges.IpaExtensions,
            UnicodeRanges.LatinExtendedAdditional, UnicodeRanges.LatinExtendedC, UnicodeRanges.LatinExtendedD, UnicodeRanges.LatinExtendedE,
        ],
        [UnicodeRanges.GreekandCoptic, UnicodeRanges.GreekExtended],
        [UnicodeRanges.Cyrillic, UnicodeRanges.CyrillicSupplement, UnicodeRanges.CyrillicExtendedB],
        [UnicodeRanges.Arabic, UnicodeRanges.ArabicSupplement, UnicodeRanges.ArabicExtendedA, UnicodeRanges.ArabicExtendedB],
        [UnicodeRanges.Devanagari, UnicodeRanges.DevanagariExtended],
        [UnicodeRanges.Ethiopic, UnicodeRanges.EthiopicSupplement, UnicodeRanges.EthiopicExtended, UnicodeRanges.EthiopicExtendedA],
        [UnicodeRanges.Georgian, UnicodeRanges.GeorgianExtended, UnicodeRanges.GeorgianSupplement],
        [UnicodeRanges.Myanmar, UnicodeRanges.MyanmarExtendedA, UnicodeRanges.MyanmarExtendedB],
        .. new[]
        {
            UnicodeRanges.Armenian, UnicodeRanges.Hebrew, UnicodeRanges.Thaana, UnicodeRanges.Bengali, UnicodeRanges.Gurmukhi, UnicodeRanges.Gujarati, UnicodeRanges.Oriya,
            UnicodeRanges.Tamil, UnicodeRanges.Telugu, UnicodeRanges.Kannada, UnicodeRanges.Malayalam, UnicodeRanges.Sinhala, UnicodeRanges.Thai, UnicodeRanges.Lao,
            UnicodeRanges.Tibetan, UnicodeRanges.Khmer,
        }.Select(range => new[] { range }),
        [UnicodeRanges.Hiragana, UnicodeRanges.Katakana, UnicodeRanges.KatakanaPhoneticExtensions, .. Han],
        [UnicodeRanges.HangulJamo, UnicodeRanges.HangulSyllables, UnicodeRanges.HangulJamoExtendedA, UnicodeRanges.HangulJamoExtendedB, .. Han],
        [UnicodeRanges.Bopomofo, UnicodeRanges.BopomofoExtended, .. Han],
    ];

    /// <summary>Whether letters, digits and marks can all be of one script.</summary>
    public static bool IsOne(Rune[] runes) => All.Any(script => runes.All(rune => IsCommon(rune) || IsIn(rune, script)));

    /// <summary>What goes with every script: ASCII's digits, '-' and '_', and the marks that any letter may have.</summary>
    private static bool IsCommon(Rune rune) => (rune.IsAscii && !Rune.IsLetter(rune)) || Contains(UnicodeRanges.CombiningDiacriticalMarks, rune);

    private static bool IsIn(Rune rune, UnicodeRange[] script) =>
        rune.IsBmp ? script.Any(range => Contains(range, rune)) : rune.Plane is 2 or 3 && script.Contains(Han[0]); // beyond the BMP only Han is recommended

    private static bool Contains(UnicodeRange range, Rune rune) => rune.Value >= range.FirstCodePoint && rune.Value < range.FirstCodePoint + range.Length;
}
