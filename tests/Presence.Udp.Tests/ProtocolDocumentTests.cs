using System.Text.RegularExpressions;

namespace Presence.Udp.Tests;

/// <summary>The known-answer vectors of <c>docs/udp.md</c> are what this code writes, for those who write it in another language.</summary>
[TestFixture]
public sealed partial class ProtocolDocumentTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Test]
    public void Vectors_InTheDocument_AreWhatIsWritten()
    {
        using var tag = new HeartbeatTag();
        var vectors = Vector().Matches(File.ReadAllText(Path.Combine(DocumentationTests.Root, "docs", "udp.md"))).ToList();
        Assert.That(vectors, Has.Count.EqualTo(9));
        foreach (Match vector in vectors)
        {
            byte[] expected = Convert.FromHexString(vector.Groups["hex"].Value);
            ulong sequence = ulong.Parse(vector.Groups["sequence"].Value, System.Globalization.CultureInfo.InvariantCulture);
            byte[] datagram = new byte[HeartbeatDatagram.Length];
            if (expected[4] == 1)
            {
                HeartbeatDatagram.WriteHeartbeat(datagram, 0x0123456789abcdef, sequence, asks: expected[7] == 1);
            }
            else
            {
                HeartbeatDatagram.WriteAcknowledgement(datagram, 0x0123456789abcdef, sequence);
            }

            tag.Sign(new HeartbeatKey(Key), datagram);

            Assert.That(datagram, Is.EqualTo(expected), vector.Value);
        }
    }

    [GeneratedRegex(@"\| (?<sequence>\d+) \| `(?<hex>[0-9a-f]{80})` \|")]
    private static partial Regex Vector();
}
