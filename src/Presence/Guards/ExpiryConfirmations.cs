using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Changes;
using Presence.Engine;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>Asks the host once more before a client is expired.</summary>
/// <remarks>Thread safety: full. One question is under way for a session at a time.</remarks>
/// <param name="confirm">The host's own: it may throw, return late or never, or block its thread.</param>
/// <param name="timeout">How long it has for its answer from when it is called.</param>
/// <param name="table">The sessions.</param>
/// <param name="expire">Expires a session, unless a heartbeat has rescued it or it may not be judged now.</param>
/// <param name="pending">Where questions count as under way until they are settled.</param>
/// <param name="queue">Where they are asked.</param>
/// <param name="timeProvider">The clock of the timeout.</param>
/// <param name="logger">Takes the log.</param>
internal sealed class ExpiryConfirmations(
    Func<ClientStatus, CancellationToken, ValueTask<bool>> confirm,
    TimeSpan timeout,
    SessionTable table,
    Action<DueSession> expire,
    PendingWork pending,
    FairQueue queue,
    TimeProvider timeProvider,
    ILogger logger)
{
    private readonly ConcurrentDictionary<SessionId, bool> _asked = new();

    /// <summary>Whether a session is being asked about.</summary>
    public bool IsAsked(SessionId session) => _asked.ContainsKey(session);

    /// <summary>Asks about a session, unless it is being asked about.</summary>
    public void Ask(DueSession due)
    {
        if (_asked.TryAdd(due.Session, true))
        {
            pending.Begin();
            queue.Enqueue(new Question(this, due));
        }
    }

    private void Call(DueSession due)
    {
        if (!table.TryRead(due.Session, out ClientStatus status))
        {
            Settle(due, isDead: null);
            return;
        }

        var answer = new TaskCompletionSource<bool>();
        var cancellation = new CancellationTokenSource();
        CancellationToken token = cancellation.Token;
        _ = WaitAsync(due, status, answer.Task, cancellation); // first: the call may block this thread
        _ = AnswerAsync(status, answer, token);
    }

    private async Task WaitAsync(DueSession due, ClientStatus status, Task<bool> answer, CancellationTokenSource cancellation)
    {
        using (cancellation)
        {
            try
            {
                Settle(due, await answer.WaitAsync(timeout, timeProvider).ConfigureAwait(false));
            }
            catch (TimeoutException)
            {
                Settle(due, isDead: true); // first: what is cancelled is the host's
                await CancelAsync(status, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gets the host's answer. It comes too late if the token is cancelled meanwhile.</summary>
    private async Task AnswerAsync(ClientStatus status, TaskCompletionSource<bool> answer, CancellationToken token)
    {
        try
        {
            answer.TrySetResult(await confirm(status, token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            if (!token.IsCancellationRequested)
            {
                Log.ConfirmationFailed(logger, exception, status.ClientId, status.Session);
            }

            answer.TrySetResult(true); // or a host's bug would keep the dead online
        }
    }

    private async Task CancelAsync(ClientStatus status, CancellationTokenSource cancellation)
    {
        try
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.ConfirmationFailed(logger, exception, status.ClientId, status.Session);
        }
    }

    private void Settle(DueSession due, bool? isDead)
    {
        if (isDead is true)
        {
            expire(due);
        }
        else if (isDead is false)
        {
            table.TryBeatAgain(due.Session); // its host vouches for it, which is a sign of life
        }

        _asked.TryRemove(due.Session, out _);
        pending.End();
    }

    private sealed class Question(ExpiryConfirmations owner, DueSession due) : IThreadPoolWorkItem
    {
        public void Execute() => owner.Call(due);
    }
}
