using Microsoft.AspNetCore.SignalR.Client;

namespace SignalRTabs;

/// <summary>A tab of a user, in a terminal.</summary>
internal static class Tab
{
    public static async Task<int> RunAsync(string user, string server)
    {
        var frozen = new SemaphoreSlim(1);
        await using HubConnection connection = new HubConnectionBuilder().WithUrl($"{server}/hub?user={Uri.EscapeDataString(user)}").WithAutomaticReconnect().Build();
        connection.ServerTimeout = TimeSpan.FromMinutes(2); // else it hangs up on a server that stands still for 30 s
        connection.On("PresenceProbe", async () => // the answer of the application, which is why one that hangs gives none
        {
            await frozen.WaitAsync();
            frozen.Release();
            return true;
        });
        connection.On<string, bool>("PresenceChanged", (group, isOnline) => Console.WriteLine($"*** {group} is {(isOnline ? "online" : "offline")}"));
        connection.Reconnecting += error => Console.Out.WriteLineAsync($"*** lost: {error?.Message}");
        connection.Reconnected += _ => Console.Out.WriteLineAsync("*** connected again");

        try
        {
            await connection.StartAsync();
        }
        catch (HttpRequestException exception)
        {
            await Console.Error.WriteLineAsync($"No server at {server}: {exception.Message}");
            return 1;
        }

        Console.WriteLine($"You are {user}, with {await connection.InvokeAsync<int>("CountTabs")} tabs. /freeze hangs this one for 15 s, /quit closes it.");
        while (await Console.In.ReadLineAsync() is { } line && line != "/quit")
        {
            if (line == "/freeze")
            {
                await frozen.WaitAsync();
                await Task.Delay(TimeSpan.FromSeconds(15));
                frozen.Release();
            }
        }

        await connection.StopAsync();
        return 0;
    }
}
