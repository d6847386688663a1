using MQTTnet;

namespace Presence.Benchmarks.Freeze;

/// <summary>MQTTnet's client with a keep-alive of three seconds, and else with default options.</summary>
internal sealed class MqttFreezeClient(string clientId) : IFreezeClient
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(3);

    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private volatile TaskCompletionSource _answer = new();

    public async Task ConnectAsync(int port)
    {
        _client.ApplicationMessageReceivedAsync += _ =>
        {
            _answer.TrySetResult();
            return Task.CompletedTask;
        };
        await _client.ConnectAsync(
            new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(clientId).WithKeepAlivePeriod(KeepAlive).Build());
        await _client.SubscribeAsync(clientId);
    }

    public async Task<bool> IsServedAsync(TimeSpan limit)
    {
        try
        {
            _answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _client.PublishStringAsync(clientId, "hello");
            await _answer.Task.WaitAsync(limit);
            return true;
        }
        catch (Exception)
        {
            return false; // it throws one thing or another, by how far the connection has been closed
        }
    }
}
