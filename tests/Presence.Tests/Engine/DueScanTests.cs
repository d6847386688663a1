using CsCheck;
using Presence.Engine;

namespace Presence.Tests.Engine;

[TestFixture]
public sealed class DueScanTests
{
    [Test]
    public void Next_OverAnyWords_FindsWhatThePlainLoopFinds() =>
        Gen.Select(Gen.Long[0, 9].Array[0, 130], Gen.Int[0, 130], Gen.Long[0, 5]).Sample((words, start, bound) =>
        {
            start = Math.Min(start, words.Length);
            return DueScan.Next(words, start, bound) == DueScan.NextScalar(words, start, bound);
        });

    [Test]
    public void Count_OverAnyWords_IsThatOfThePlainLoop() =>
        Gen.Select(Gen.Long[0, 9].Array[0, 130], Gen.Long[0, 10]).Sample((words, bound) => DueScan.Count(words, bound) == words.Count(word => word < bound));

    [Test]
    public void Next_WithOneDueWordAnywhere_FindsIt()
    {
        for (int length = 1; length <= 70; length++)
        {
            for (int due = 0; due < length; due++)
            {
                long[] words = [.. Enumerable.Repeat(SessionWord.Free, length)];
                words[due] = 41;

                Assert.That(DueScan.Next(words, 0, 42), Is.EqualTo(due));
                Assert.That(DueScan.Next(words, due + 1, 42), Is.EqualTo(-1));
                Assert.That(DueScan.Next(words, 0, 41), Is.EqualTo(-1), "the bound itself is not due");
            }
        }
    }
}
