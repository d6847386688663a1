using System.Runtime.CompilerServices;
using System.Text.Json;
using Presence;

namespace ChatServer;

/// <summary>The page that shows who is online, with every count, live.</summary>
internal static class StatusPage
{
    /// <summary>How often the page looks. A count that changes in between is seen at the next look.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>As headers, since a page cannot say of itself who may frame it.</summary>
    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapStatusPage(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        app.MapGet("/", () => TypedResults.Stream(typeof(StatusPage).Assembly.GetManifestResourceStream("StatusPage.html")!, "text/html; charset=utf-8"));
        app.MapGet("/events", (HttpContext context) => TypedResults.ServerSentEvents(Watch(app, context.RequestAborted)));
    }

    // Each browser pulls: the next status is made when the one before has been sent, so none piles up for a slow one.
    private static async IAsyncEnumerable<string> Watch(WebApplication app, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted, app.Lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(Interval, app.Services.GetRequiredService<TimeProvider>());
        string last = "";
        do
        {
            string status = JsonSerializer.Serialize(Read(app.Services), ChatJson.Default.Status);
            if (status != last)
            {
                yield return last = status;
            }
        }
        while (await NextAsync(timer, ended.Token));
    }

    private static Status Read(IServiceProvider services)
    {
        IEnumerable<OnlineUser> online = services.GetRequiredService<IPresenceTracker>().Snapshot()
            .Select(client => new OnlineUser(client.ClientId, client.Count, client.ExpireAfter, client.IsSuspect))
            .OrderBy(user => user.User, StringComparer.Ordinal);
        Room room = services.GetRequiredService<Room>();
        IReadOnlyList<RemoteUser>? elsewhere;
        lock (room.Gate)
        {
            elsewhere = room.UsersElsewhere();
        }

        return new Status(services.GetRequiredService<ChatHandler>().Connections, [.. online], elsewhere, services.GetRequiredService<History>().Read());
    }

    private static async ValueTask<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
