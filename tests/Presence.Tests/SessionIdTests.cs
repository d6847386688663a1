namespace Presence.Tests;

[TestFixture]
public sealed class SessionIdTests
{
    [Test]
    public void ToString_OfAnyId_Is16DigitsThatTryParseReads([Values(0ul, 0x123456789abcdeful, ulong.MaxValue)] ulong value)
    {
        var session = new SessionId(value);

        Assert.That(session.ToString(), Does.Match("^[0-9a-f]{16}$"));
        Assert.That(SessionId.TryParse(session.ToString(), out SessionId parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(session));
    }

    [TestCase("")]
    [TestCase("123")]
    [TestCase("0123456789abcde")]
    [TestCase("0123456789abcdef0")]
    [TestCase("0123456789abcdeg")]
    [TestCase(" 123456789abcdef")]
    [TestCase("0x23456789abcdef")]
    [TestCase("0123456789abcde\0")]
    [TestCase("1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    [TestCase("-123456789abcdef")]
    public void TryParse_OfAnythingElse_IsFalse(string text)
    {
        Assert.That(SessionId.TryParse(text, out SessionId session), Is.False);
        Assert.That(session, Is.EqualTo(SessionId.None));
    }
}
