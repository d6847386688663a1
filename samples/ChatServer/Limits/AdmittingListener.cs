using System.Net;
using Microsoft.AspNetCore.Connections;

namespace ChatServer;

/// <summary>Accepts who is admitted, and closes everyone else before the next one is accepted, before TLS and before the login: so no crowd ever takes the last open file.</summary>
internal sealed class AdmittingListener(IConnectionListener inner, Admission admission, TimeProvider timeProvider) : IConnectionListener
{
    public EndPoint EndPoint => inner.EndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await inner.AcceptAsync(cancellationToken) is { } connection)
        {
            IPAddress address = Admission.AddressOf(connection.RemoteEndPoint);
            if (admission.TryEnter(address))
            {
                return new AdmittedConnection(connection, () => admission.Leave(address), timeProvider);
            }

            await connection.DisposeAsync();
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
