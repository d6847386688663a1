using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

public class StoredSessionTests
{
    [Test]
    public void Parse_Held_HasItsHolder()
    {
        StoredSession session = StoredSession.Parse("mibvv8lq 1763912345678901 53");

        Assert.That(session, Is.EqualTo(new StoredSession("mibvv8lq", 1763912345678901, 1763912345678954, string.Empty)));
        Assert.That(session.Holder, Is.EqualTo("mibvv8lq"));
    }

    [Test]
    public void Parse_Claimed_HasTheOneThatWasLost() =>
        Assert.That(StoredSession.Parse("claimer 10 0 lost").Holder, Is.EqualTo("lost"));

    [TestCase("")]
    [TestCase("a")]
    [TestCase("a 1")]
    [TestCase("a 1 x")]
    [TestCase("a -1 2")]
    [TestCase("a 1 2 b c")]
    public void Parse_NoneOfOurs_SaysSo(string value) =>
        Assert.That(() => StoredSession.Parse(value), Throws.InstanceOf<FormatException>().With.Message.Contains("prefix"));
}
