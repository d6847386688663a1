using System.Buffers;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Presence.AspNetCore.SignalR;

/// <summary>Finds a client's word that it stops in what was left unread.</summary>
/// <remarks>
/// A client sends it and closes its socket at once. SignalR ends the reading when the socket is closed, and now and then that is before it has read what came last (measured: once in some 200 clients that stopped together).
/// </remarks>
internal static class StopMessage
{
    private static readonly Unbound Binder = new();

    public static bool IsIn(ReadOnlySequence<byte> rest, IHubProtocol protocol)
    {
        try
        {
            while (protocol.TryParseMessage(ref rest, Binder, out HubMessage? message))
            {
                if (message is CloseMessage)
                {
                    return true;
                }
            }
        }
        catch (InvalidDataException)
        {
            // Who reads it as a message says so; nobody else is concerned.
        }

        return false;
    }

    /// <summary>Knows no methods, since none is called.</summary>
    private sealed class Unbound : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => typeof(RawResult);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => [];

        public Type GetStreamItemType(string streamId) => typeof(object);
    }
}
