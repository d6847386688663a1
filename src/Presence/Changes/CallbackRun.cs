using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>One callback being told of one change.</summary>
internal sealed class CallbackRun(ChangeDelivery delivery, CallbackRegistration callback, CallbackRunner runner) : IThreadPoolWorkItem
{
    public PresenceChange Change => delivery.Change;

    /// <summary>When it began, by the runner's clock.</summary>
    public long Started { get; set; }

    public void Execute() => _ = ExecuteAsync();

    /// <summary>The delivery goes on without it.</summary>
    public void GiveUp() => delivery.OnReturned();

    private async Task ExecuteAsync()
    {
        LinkedListNode<CallbackRun> running = runner.Running.Begin(this);
        runner.Enter();
        try
        {
            await callback.TellAsync(Change).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            runner.Metrics.CallbackFailed();
            Log.CallbackFailed(runner.Logger, exception, Change.Kind, Change.ClientId, Change.Session);
        }
        finally
        {
            if (runner.Running.End(running, out TimeSpan took))
            {
                delivery.OnReturned();
            }

            runner.Metrics.CallbackReturned(took);
        }
    }
}
