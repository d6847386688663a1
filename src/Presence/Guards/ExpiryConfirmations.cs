using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Presence.Changes;
using Presence.Engine;
using Presence.Telemetry;

namespace Presence.Guards;

/// <summary>Asks the host once more before a client is expired.</summary>
/// <remarks>Thread safety: full. One question is under way for a session at a time.</remarks>
internal sealed class ExpiryConfirmations(
    Func<ClientStatus, CancellationToken, ValueTask<bool>> confirm,
    TimeSpan timeout,
    SessionTable table,
    Action<SessionId> expire,
    PendingWork pending,
    FairQueue queue,
    TimeProvider timeProvider,
    ILogger logger)
{
    private readonly ConcurrentDictionary<SessionId, long> _asked = new();

    /// <summary>Asks about a session, unless it is being asked about.</summary>
    /// <param name="session">The session.</param>
    /// <param name="word">Its word. A heartbeat changes it, and so rescues the session.</param>
    public void Ask(SessionId session, long word)
    {
        if (_asked.TryAdd(session, word))
        {
            pending.Begin();
            queue.Enqueue(new Question(this, session, word));
        }
    }

    private async Task AskAsync(SessionId session, long word)
    {
        try
        {
            if (!table.TryRead(session, out ClientStatus status))
            {
                return;
            }

            if (!await IsDeadAsync(status).ConfigureAwait(false))
            {
                table.TryBeat(session); // its host vouches for it, which is a sign of life
            }
            else if (table.TryCloseDue(session, word))
            {
                expire(session);
            }
        }
        finally
        {
            _asked.TryRemove(session, out _);
            pending.End();
        }
    }

    private async Task<bool> IsDeadAsync(ClientStatus status)
    {
        using var cancellation = new CancellationTokenSource(timeout, timeProvider);
        try
        {
            return await confirm(status, cancellation.Token).AsTask().WaitAsync(cancellation.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception exception)
        {
            Log.ConfirmationFailed(logger, exception, status.ClientId, status.Session);
            return true; // or a host's bug would keep the dead online
        }
    }

    private sealed class Question(ExpiryConfirmations owner, SessionId session, long word) : IThreadPoolWorkItem
    {
        public void Execute() => _ = owner.AskAsync(session, word);
    }
}
