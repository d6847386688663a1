namespace Presence.Guards;

/// <summary>How many more ticks may be withheld, for whatever reason: drawn on by each, and given back slowly by ticks that judged everybody.</summary>
/// <remarks>
/// <para>Its slowness is what bounds a dead client's stay however troubles are spaced: while a client with limit L uses up its limit, L ticks judge, and
/// they give back no more than L / <paramref name="ticksToGiveOneBack"/>. An amnesty that one good tick restored was stretched to the square of the limit.</para>
/// <para>Thread safety: for ticks, which come one at a time.</para>
/// </remarks>
/// <param name="capacity">How many ticks it holds when it is full.</param>
/// <param name="ticksToGiveOneBack">How many ticks that judged give one back.</param>
internal sealed class Amnesty(int capacity, int ticksToGiveOneBack)
{
    private int _drawn; // and not given back
    private int _judged; // since the last one that was given back

    public int Capacity => capacity;

    /// <summary>Takes a tick out, if there is one.</summary>
    public bool TryDraw()
    {
        if (_drawn == capacity)
        {
            return false;
        }

        _drawn++;
        return true;
    }

    /// <summary>Takes note of a tick that judged everybody, with no trouble about.</summary>
    public void OnJudged()
    {
        if (_drawn > 0 && ++_judged == ticksToGiveOneBack)
        {
            _judged = 0;
            _drawn--;
        }
    }
}
