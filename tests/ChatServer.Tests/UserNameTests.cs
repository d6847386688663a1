namespace ChatServer.Tests;

public sealed class UserNameTests
{
    [TestCase("zhangsan")]
    [TestCase("张三")]
    [TestCase("Иван-3")]
    [TestCase("_")]
    [TestCase("हिन्दी")]
    [TestCase("𠮷野家")]
    public void TryParse_LettersOfAnyScript_IsAllowed(string text) => Assert.That(UserName.TryParse(text, out _), Is.True);

    [TestCase(null)]
    [TestCase("")]
    [TestCase("two words")]
    [TestCase("a\n")]
    [TestCase("😀")]
    [TestCase("\u0301a")]
    [TestCase("a\u200Bb")]
    [TestCase("a\uD800")]
    public void TryParse_AnythingElse_IsNot(string? text) => Assert.That(UserName.TryParse(text, out _), Is.False);

    [TestCase("x", 1, true)]
    [TestCase("x", 32, true)]
    [TestCase("x", 33, false)]
    [TestCase("𠮷", 32, true)]
    [TestCase("𠮷", 33, false)]
    public void TryParse_Length_IsCountedInCodePoints(string letter, int times, bool allowed) =>
        Assert.That(UserName.TryParse(string.Concat(Enumerable.Repeat(letter, times)), out _), Is.EqualTo(allowed));
}
