namespace ChatServer.Tests;

public sealed class UserNameTests
{
    [TestCase("zhangsan")]
    [TestCase("张三")]
    [TestCase("Иван-3")]
    [TestCase("a_-b")]
    [TestCase("7")]
    [TestCase("René")]
    [TestCase("佐々木ゆうこ")]
    [TestCase("김철수")]
    [TestCase("Αλέξης")]
    [TestCase("มาลี")]
    [TestCase("১২বাংলা")]
    [TestCase("हिन्दी")]
    [TestCase("𠮷野家")]
    [TestCase("a\u0302\u0301\u0303\u0304")] // four marks
    public void TryParse_LettersOfAnyScript_IsAllowed(string text) => Assert.That(UserName.TryParse(text, out _), Is.True);

    [TestCase(null)]
    [TestCase("")]
    [TestCase("two words")]
    [TestCase("a\n")]
    [TestCase("😀")]
    [TestCase("\u0301a")]
    [TestCase("a\u200Bb")]
    [TestCase("a\uD800")]
    [TestCase("a\uFFFE")]
    [TestCase("a\uFDD0")]
    [TestCase("a\u0378")] // not assigned
    [TestCase("_")]
    [TestCase("--")]
    [TestCase("a\u0301\u0302\u0303\u0304\u0305\u0306")] // a heap of marks
    [TestCase("a\u0302\u0301\u0303\u0304\u0305")] // five, of which two are composed with the letter
    [TestCase("\u1EA5\u0303\u0304\u0305")] // the same, as it may be sent
    public void TryParse_AnythingElse_IsNot(string? text) => Assert.That(UserName.TryParse(text, out _), Is.False);

    /// <summary>By UTS #39: nothing that shows nothing.</summary>
    [TestCase("ann\uFE0F")] // a variation selector
    [TestCase("ann\U000E0100")]
    [TestCase("\u3164")] // Hangul fillers
    [TestCase("\u115F\u1160")]
    [TestCase("\uFFA0")]
    [TestCase("a\u034Fb")] // a combining grapheme joiner
    [TestCase("\u2800")] // a braille pattern without dots
    [TestCase("a\u00ADb")] // a soft hyphen
    [TestCase("a\u200Db")]
    [TestCase("ក\u17B4")]
    public void TryParse_WhatShowsNothing_IsNotAllowed(string text) => Assert.That(UserName.TryParse(text, out _), Is.False);

    [TestCase("аnn")] // a Cyrillic letter in a Latin name
    [TestCase("annα")]
    [TestCase("Иvan")]
    [TestCase("ann张")]
    [TestCase("ゆ김")]
    [TestCase("1٢")] // digits of two systems
    [TestCase("𐐀")] // a script that Unicode does not recommend for names
    public void TryParse_OfTwoScripts_IsNotAllowed(string text) => Assert.That(UserName.TryParse(text, out _), Is.False);

    [TestCase("Ａｎｎ", "Ann")]
    [TestCase("𝐀nn", "Ann")]
    [TestCase("ﬁn", "fin")]
    [TestCase("x²", null)] // no letter nor digit of a number system
    [TestCase("Rene\u0301", "Ren\u00E9")]
    public void TryParse_OtherFormsOfALetter_AreOneName(string text, string? name) =>
        Assert.That(UserName.TryParse(text, out string parsed) ? parsed : null, Is.EqualTo(name));

    [Test]
    public void TryParse_EveryCharacter_ThrowsNothing()
    {
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            string text = value <= 0xFFFF ? $"a{(char)value}" : $"a{char.ConvertFromUtf32(value)}";
            Assert.That(() => UserName.TryParse(text, out _), Throws.Nothing, $"U+{value:X4}");
        }
    }

    [TestCase("x", 1, true)]
    [TestCase("x", 32, true)]
    [TestCase("x", 33, false)]
    [TestCase("𠮷", 32, true)]
    [TestCase("𠮷", 33, false)]
    public void TryParse_Length_IsCountedInCodePoints(string letter, int times, bool allowed) =>
        Assert.That(UserName.TryParse(string.Concat(Enumerable.Repeat(letter, times)), out _), Is.EqualTo(allowed));
}
