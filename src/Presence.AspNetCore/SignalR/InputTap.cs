using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Presence.AspNetCore.SignalR;

/// <summary>A connection's input, which knows when something comes in, and whether the server is still at work on what came.</summary>
/// <remarks>Thread safety: for one reader, as each pipe; the properties may be read by anyone.</remarks>
internal sealed class InputTap(PipeReader input) : PipeReader
{
    private volatile bool _isTaken;

    /// <summary>Whether something was read and nothing more is asked for: a hub method runs, and messages behind it wait.</summary>
    public bool IsTaken => _isTaken;

    /// <summary>Called when something comes in. Null before the session starts.</summary>
    public Action? OnBytes { get; set; }

    /// <summary>Called when nothing more comes in, with what did last: whoever reads may pass over that. Null before the session starts.</summary>
    public Action<ReadOnlySequence<byte>>? OnEnd { get; set; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // one each for connections that are silent for hours would otherwise be garbage of the oldest generation
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        _isTaken = false;
        return Note(await input.ReadAsync(cancellationToken).ConfigureAwait(false));
    }

    public override bool TryRead(out ReadResult result)
    {
        bool isRead = input.TryRead(out result);
        if (isRead)
        {
            Note(result);
        }

        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    private ReadResult Note(ReadResult result)
    {
        _isTaken = true;
        if (!result.Buffer.IsEmpty)
        {
            OnBytes?.Invoke();
        }

        if (result.IsCanceled || result.IsCompleted)
        {
            OnEnd?.Invoke(result.Buffer);
        }

        return result;
    }
}
