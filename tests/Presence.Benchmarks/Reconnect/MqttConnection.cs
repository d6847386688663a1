using System.Net.Sockets;
using System.Text;

namespace Presence.Benchmarks.Reconnect;

/// <summary>Speaks MQTT 3.1.1, with a clean session, as clients have by default; and subscribes to a topic of its own.</summary>
internal sealed class MqttConnection(Socket socket, string clientId) : ReconnectConnection(socket, Connect(clientId))
{
    private const byte ConnAck = 0x20;
    private const byte Publish = 0x30;
    private const byte SubAck = 0x90;

    private readonly byte[] _topic = Text(clientId);

    protected override async Task<bool> TryBeWelcomeAsync(CancellationToken cancellationToken)
    {
        if (!await ReadAsync(ConnAck, cancellationToken))
        {
            return false;
        }

        await Stream.WriteAsync(Packet(0x82, [0, 1, .. _topic, 0]), cancellationToken); // SUBSCRIBE as packet 1, at most once
        return await ReadAsync(SubAck, cancellationToken);
    }

    protected override async Task<bool> TryBeServedAsync(CancellationToken cancellationToken)
    {
        await Stream.WriteAsync(Packet(Publish, [.. _topic, .. "hello"u8]), cancellationToken);
        return await ReadAsync(Publish, cancellationToken);
    }

    private static byte[] Connect(string clientId) =>
        Packet(0x10, [.. Text("MQTT"), 4 /* version 3.1.1 */, 0x02 /* clean session */, 0, 60 /* keep-alive, s */, .. Text(clientId)]);

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Packet(byte type, byte[] body) => [type, (byte)body.Length, .. body]; // none here is longer than a byte can say

    /// <summary>Reads up to a packet of a type.</summary>
    /// <returns>False if the connection has ended.</returns>
    private async Task<bool> ReadAsync(byte type, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[2 + byte.MaxValue];
        byte read;
        do
        {
            if (await Stream.ReadAtLeastAsync(buffer.AsMemory(0, 2), 2, throwOnEndOfStream: false, cancellationToken) < 2)
            {
                return false;
            }

            read = buffer[0];
            await Stream.ReadExactlyAsync(buffer.AsMemory(2, buffer[1]), cancellationToken);
        }
        while (read != type);
        return true;
    }
}
