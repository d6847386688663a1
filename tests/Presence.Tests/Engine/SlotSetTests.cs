using CsCheck;
using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class SlotSetTests
{
    private const int Slots = 1024;

    [Test]
    public void Set_AfterAnyChanges_HasWhatASetOfNumbersHas() =>
        Gen.Select(Gen.Int[0, Slots - 1], Gen.Bool).Array.Sample(changes =>
        {
            var expected = new SortedSet<int>();
            var set = new SlotSet(Slots);
            foreach ((int slot, bool isAdded) in changes)
            {
                if (isAdded)
                {
                    expected.Add(slot);
                    set.Add(slot);
                }
                else
                {
                    expected.Remove(slot);
                    set.Remove(slot);
                }
            }

            return All(set).SequenceEqual(expected) && Enumerable.Range(0, Slots).All(slot => set.Contains(slot) == expected.Contains(slot));
        });

    [Test]
    public void Next_AtEveryEdge_FindsTheSlot([Values(0, 1, 62, 63, 64, 65, 127, 128, Slots - 1)] int slot)
    {
        var set = new SlotSet(Slots);
        set.Add(slot);

        Assert.That((set.Next(0), set.Next(slot), set.Next(slot + 1)), Is.EqualTo((slot, slot, -1)));
    }

    private static IEnumerable<int> All(SlotSet set)
    {
        for (int slot = set.Next(0); slot >= 0; slot = set.Next(slot + 1))
        {
            yield return slot;
        }
    }
}
