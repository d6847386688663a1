namespace ChatServer;

/// <summary>What a listener may be sent in a second, shared out evenly among all who speak to him.</summary>
/// <remarks>
/// <para>One who shouts is held back for his own share, and takes nothing from the others': it depends on how many spoke in this second and the last, not on how much
/// they said. What somebody says first in a second always passes while there is room, so that a share which many have made small still carries a long line.</para>
/// <para>Thread safety: one caller at a time.</para>
/// </remarks>
internal sealed class FairShare(int bytesPerSecond, TimeProvider timeProvider)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private Dictionary<string, int> _said = [];
    private int _speakersBefore;
    private int _total;
    private long _since = timeProvider.GetTimestamp();

    /// <summary>Takes so many bytes out of a speaker's share.</summary>
    /// <returns>Whether they were there.</returns>
    public bool TryTake(string speaker, int bytes)
    {
        StartSecondIfDue();
        int said = _said.GetValueOrDefault(speaker);
        _said[speaker] = said; // he counts as one who speaks, also if he cannot be heard
        int speakers = Math.Max(_speakersBefore, _said.Count);
        if (_total + bytes > bytesPerSecond || (said > 0 && said + bytes > bytesPerSecond / speakers))
        {
            return false;
        }

        _said[speaker] = said + bytes;
        _total += bytes;
        return true;
    }

    private void StartSecondIfDue()
    {
        TimeSpan elapsed = timeProvider.GetElapsedTime(_since);
        if (elapsed >= Second)
        {
            _speakersBefore = elapsed < 2 * Second ? _said.Count : 0;
            _said = [];
            _total = 0;
            _since = timeProvider.GetTimestamp();
        }
    }
}
