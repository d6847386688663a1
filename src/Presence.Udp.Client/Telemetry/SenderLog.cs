using Microsoft.Extensions.Logging;

namespace Presence.Udp.Telemetry;

/// <summary>Logs what changes with a sender, and calls its host.</summary>
/// <remarks>A logger or a handler that throws does not silence the sender. Thread safety: the loop's thread is the only caller.</remarks>
internal sealed class SenderLog(ILogger logger, HeartbeatSenderOptions options)
{
    private HeartbeatSenderStatus _last = new();

    public void Tell(HeartbeatSenderStatus status, TimeSpan patience, Exception? failure)
    {
        HeartbeatSenderStatus last = _last;
        _last = status.IsSilent ? status with { IsFailing = last.IsFailing } : status; // who is silent does not try
        Try(() =>
        {
            TellSilence(last.IsSilent, status.IsSilent, patience);
            TellSending(last.IsFailing, _last.IsFailing, failure);
            TellAnswers(last.IsUnanswered, status.IsUnanswered);
        });
    }

    public void TellLogInAgain(Action<HeartbeatSenderStatus>? handlers, HeartbeatSenderStatus status)
    {
        Try(() => Log.MustLogInAgain(logger, options.Session));
        foreach (Delegate handler in handlers?.GetInvocationList() ?? [])
        {
            try
            {
                ((Action<HeartbeatSenderStatus>)handler)(status);
            }
            catch (Exception exception)
            {
                Try(() => Log.HandlerFailed(logger, exception));
            }
        }
    }

    private static void Try(Action log)
    {
        try
        {
            log();
        }
        catch (Exception)
        {
            // A logger that throws is the host's trouble, and no reason to fall silent.
        }
    }

    private void TellSilence(bool was, bool now, TimeSpan patience)
    {
        if (now && !was)
        {
            Log.FellSilent(logger, patience, options.Session);
        }
        else if (was && !now)
        {
            Log.Resumed(logger);
        }
    }

    private void TellSending(bool was, bool now, Exception? failure)
    {
        if (now && !was)
        {
            Log.SendFailed(logger, failure!, options.Host, options.Port);
        }
        else if (was && !now)
        {
            Log.SendRecovered(logger);
        }
    }

    private void TellAnswers(bool was, bool now)
    {
        if (now && !was)
        {
            Log.Unanswered(logger, options.Host, options.Port);
        }
        else if (was && !now)
        {
            Log.AnsweredAgain(logger);
        }
    }
}
