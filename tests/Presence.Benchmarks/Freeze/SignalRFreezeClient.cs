using Microsoft.AspNetCore.SignalR.Client;

namespace Presence.Benchmarks.Freeze;

/// <summary>A SignalR client over WebSockets, with default options but for its own patience, so that the server alone judges.</summary>
internal sealed class SignalRFreezeClient(string user) : IFreezeClient
{
    private HubConnection? _connection;

    public Task ConnectAsync(int port)
    {
        _connection = new HubConnectionBuilder().WithUrl($"http://127.0.0.1:{port}/hub?user={user}").Build();
        _connection.ServerTimeout = TimeSpan.FromHours(1); // its default of 30 s would have the clients themselves hang up on a server that is frozen
        return _connection.StartAsync();
    }

    public async Task<bool> IsServedAsync(TimeSpan limit)
    {
        try
        {
            return await _connection!.InvokeAsync<string>("WhoAmI").WaitAsync(limit) == user;
        }
        catch (Exception)
        {
            return false; // it throws one thing or another, by how far the connection has been closed
        }
    }
}
