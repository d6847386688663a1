namespace Presence.Changes;

/// <summary>Running callbacks in the order in which they came. Each knows its neighbours, so that a million of them are not two million objects.</summary>
/// <remarks>Thread safety: none.</remarks>
internal sealed class CallbackList
{
    private CallbackRun? _last;

    public CallbackRun? First { get; private set; }

    public int Count { get; private set; }

    public void AddLast(CallbackRun run)
    {
        (run.List, run.Previous) = (this, _last);
        if (_last is null)
        {
            First = run;
        }
        else
        {
            _last.Next = run;
        }

        _last = run;
        Count++;
    }

    public void Remove(CallbackRun run)
    {
        if (run.Previous is null)
        {
            First = run.Next;
        }
        else
        {
            run.Previous.Next = run.Next;
        }

        if (run.Next is null)
        {
            _last = run.Previous;
        }
        else
        {
            run.Next.Previous = run.Previous;
        }

        (run.List, run.Previous, run.Next) = (null, null, null);
        Count--;
    }
}
