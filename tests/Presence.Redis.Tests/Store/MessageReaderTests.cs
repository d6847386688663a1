using System.Text;
using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

public class MessageReaderTests
{
    [Test]
    public void Read_WholeMessage_GivesItsParts()
    {
        var reader = new MessageReader("Jabc 42 3:a bX"u8);

        Assert.That(reader.ReadLetter(), Is.EqualTo((byte)'J'));
        Assert.That(reader.ReadWord(), Is.EqualTo("abc"));
        Assert.That(reader.ReadNumber(), Is.EqualTo(42));
        Assert.That(reader.ReadClientId(), Is.EqualTo("a b"));
        Assert.That(reader.IsAtEnd, Is.False);
        Assert.That(reader.ReadLetter(), Is.EqualTo((byte)'X'));
        Assert.That(reader.IsAtEnd);
    }

    [TestCase("")]
    [TestCase("12")]
    [TestCase("-1 ")]
    [TestCase("x ")]
    [TestCase("99999999999999999999 ")]
    public void ReadNumber_NotANumber_Throws(string message) =>
        Assert.That(() => new MessageReader(Encoding.ASCII.GetBytes(message)).ReadNumber(), Throws.InstanceOf<FormatException>());

    [TestCase("5:abc")]
    [TestCase(":abc")]
    [TestCase("3 abc")]
    [TestCase("3")]
    public void ReadClientId_WrongLength_Throws(string message) =>
        Assert.That(() => new MessageReader(Encoding.ASCII.GetBytes(message)).ReadClientId(), Throws.InstanceOf<FormatException>());

    [Test]
    public void ReadLetterAndWord_AtTheEnd_Throw()
    {
        Assert.That(() => new MessageReader([]).ReadLetter(), Throws.InstanceOf<FormatException>());
        Assert.That(() => new MessageReader("abc"u8).ReadWord(), Throws.InstanceOf<FormatException>());
    }
}
