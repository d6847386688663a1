using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

public class StoredSessionTests
{
    [Test]
    public void Parse_Held_HasItsHolder()
    {
        StoredSession session = StoredSession.Parse("1b2hm9z 64443d81e2c35 35");

        Assert.That(session, Is.EqualTo(new StoredSession("1b2hm9z", 0x64443d81e2c35, 0x64443d81e2c6a, string.Empty)));
        Assert.That(session.Holder, Is.EqualTo("1b2hm9z"));
    }

    [Test]
    public void Parse_StampAheadOfTheToken_HasBoth() =>
        Assert.That(StoredSession.Parse("1b2hm9z 20 -11"), Is.EqualTo(new StoredSession("1b2hm9z", 0x20, 0xf, string.Empty)));

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
