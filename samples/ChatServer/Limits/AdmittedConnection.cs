using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ChatServer;

/// <summary>A connection of Kestrel's, which counts until its socket is closed, and can be given a last while.</summary>
internal sealed class AdmittedConnection(ConnectionContext inner, Action onClosed, TimeProvider timeProvider) : ConnectionContext
{
    private static readonly TimeSpan LastWhile = TimeSpan.FromSeconds(2);

    private ITimer? _cutOff;

    public override string ConnectionId
    {
        get => inner.ConnectionId;
        set => inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => inner.Items;
        set => inner.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => inner.Transport;
        set => inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => inner.ConnectionClosed;
        set => inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => inner.LocalEndPoint;
        set => inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => inner.RemoteEndPoint;
        set => inner.RemoteEndPoint = value;
    }

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    /// <summary>Gives what was sent a while to reach the client, also one that has closed its half and only reads. Then the connection is cut off.</summary>
    public void CutOffLater() => _cutOff = timeProvider.CreateTimer(_ => inner.Abort(), null, LastWhile, Timeout.InfiniteTimeSpan);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await inner.DisposeAsync(); // sends what is left, and closes the socket
        }
        finally
        {
            await base.DisposeAsync();
            _cutOff?.Dispose(); // mostly at once: thousands a second that live for a while are what makes garbage collections pause
            onClosed();
        }
    }
}
