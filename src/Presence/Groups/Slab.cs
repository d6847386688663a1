using System.Diagnostics.CodeAnalysis;

namespace Presence.Groups;

/// <summary>Items that are found by their place in an array, which the collector need not visit one by one. Places that were given back are taken first.</summary>
/// <remarks>Thread safety: none. A reference to an item is good until the next <see cref="Take"/>.</remarks>
[SuppressMessage("Naming", "CA1711", Justification = "Not a collection: a slab, as in memory allocators.")]
internal sealed class Slab<T>
    where T : struct
{
    private Stack<int>? _free;
    private T[] _items = [];
    private int _used;

    public int Count => _used - (_free?.Count ?? 0);

    public ref T this[int index] => ref _items[index];

    public int Take()
    {
        if (_free is not null && _free.TryPop(out int index))
        {
            return index;
        }

        if (_used == _items.Length)
        {
            Array.Resize(ref _items, _used + (_used / 4) + 1); // not the double: half of a million items would be empty
        }

        return _used++;
    }

    public void Return(int index)
    {
        _items[index] = default;
        (_free ??= new()).Push(index);
        if (Count == 0)
        {
            (_items, _used, _free) = ([], 0, null);
        }
    }
}
