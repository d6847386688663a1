using System.Collections;
using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class TagPermutationTests
{
    [Test]
    public void TagOf_OverAllGenerationsOfASlot_GivesEachTagOnce()
    {
        TagPermutation tags = TagPermutation.WithRandomKey();
        var seen = new BitArray((int)TagPermutation.Length);
        for (uint generation = 0; generation < TagPermutation.Length; generation++)
        {
            int tag = (int)tags.TagOf(slot: 12345, generation);
            if (seen[tag])
            {
                Assert.Fail($"tag {tag} came twice");
            }

            seen[tag] = true;
        }
    }

    [Test]
    public void TagOf_WithAnotherKeyOrSlot_IsAnotherSequence()
    {
        uint[] tags = [.. Sequence(key: 1, slot: 1)];

        Assert.That(Sequence(key: 1, slot: 1), Is.EqualTo(tags));
        Assert.That(Sequence(key: 2, slot: 1), Is.Not.EqualTo(tags));
        Assert.That(Sequence(key: 1, slot: 2), Is.Not.EqualTo(tags));

        static IEnumerable<uint> Sequence(int key, uint slot) => Enumerable.Range(0, 20).Select(generation => new TagPermutation(key).TagOf(slot, (uint)generation));
    }
}
