namespace ChatServer;

/// <summary>Bounds how much the network can have logged: so many lines at once and so many a second. The others are counted, and their number is logged.</summary>
/// <remarks>Thread safety: any thread.</remarks>
internal sealed class LogRate(TimeProvider timeProvider)
{
    public const int LinesPerSecond = 20;
    public const int LinesAtOnce = 100;

    private readonly Lock _gate = new(); // guards both below
    private readonly TokenBucket _lines = new(LinesPerSecond, LinesAtOnce, timeProvider);
    private int _left;

    /// <summary>Whether one more line may be logged now.</summary>
    public bool Allows(ILogger logger)
    {
        int left;
        lock (_gate)
        {
            if (!_lines.TryTake())
            {
                _left++;
                return false;
            }

            (left, _left) = (_left, 0);
        }

        if (left > 0)
        {
            Log.LeftOut(logger, left);
        }

        return true;
    }
}
