using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Presence.AspNetCore.SignalR;

/// <summary>The protocol of one connection, which shows the session each message that comes in.</summary>
/// <remarks>Thread safety: as the protocol; messages of one connection are read one at a time.</remarks>
internal sealed class TappedProtocol(IHubProtocol protocol, HubSession session) : IHubProtocol
{
    public string Name => protocol.Name;

    public int Version => protocol.Version;

    public TransferFormat TransferFormat => protocol.TransferFormat;

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        bool isParsed = protocol.TryParseMessage(ref input, binder, out message);
        if (isParsed)
        {
            session.OnMessage(message!);
        }

        return isParsed;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => protocol.WriteMessage(message, output);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => protocol.GetMessageBytes(message);

    public bool IsVersionSupported(int version) => protocol.IsVersionSupported(version);
}
