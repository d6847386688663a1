using Presence.Telemetry;

namespace Presence.Changes;

/// <summary>One callback being told of one change.</summary>
internal abstract class CallbackRun(CallbackRegistration callback, CallbackRunner runner) : IThreadPoolWorkItem
{
    /// <summary>The change on its way to all callbacks.</summary>
    public abstract ChangeDelivery Delivery { get; }

    /// <summary>When it began, by the runner's clock.</summary>
    public long Started { get; set; }

    /// <summary>Where it stands while it runs. Guarded by the list's owner, as its neighbours are.</summary>
    public CallbackList? List { get; set; }

    public CallbackRun? Previous { get; set; }

    public CallbackRun? Next { get; set; }

    protected CallbackRunner Runner => runner;

    public virtual void Execute() => _ = ExecuteAsync();

    /// <summary>The delivery goes on without it.</summary>
    public void GiveUp() => Delivery.OnReturned();

    private async Task ExecuteAsync()
    {
        runner.Running.Begin(this);
        runner.Enter();
        try
        {
            await callback.TellAsync(Delivery.Change).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            ref readonly PresenceChange change = ref Delivery.Change;
            runner.Metrics.CallbackFailed();
            Log.CallbackFailed(runner.Logger, exception, change.Kind, change.ClientId, change.Session);
        }
        finally
        {
            if (runner.Running.End(this, out TimeSpan took))
            {
                Delivery.OnReturned();
            }

            runner.Metrics.CallbackReturned(took);
        }
    }
}
