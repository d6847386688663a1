using Presence.Redis.Store;

namespace Presence.Redis.Tests.Store;

public class StoredClientIdTests
{
    [Test]
    public void Write_HalvesOfPairs_AreAllDifferentAndReadBack()
    {
        string[] ids = ["\ud800", "\udc00", "\ud801", "\udc00\ud800", "a\ud800", "\ufffd", "\ud83d\ude42", "a"];

        byte[][] stored = [.. ids.Select(id => (byte[])StoredClientId.Write(id)!)];

        Assert.That(stored.Select(Convert.ToHexString), Is.Unique);
        Assert.That(stored.Select(bytes => StoredClientId.Read(bytes)).Zip(ids, string.Equals), Is.All.True);
    }
}
