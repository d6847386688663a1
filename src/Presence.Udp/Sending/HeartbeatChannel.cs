using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Sending;

/// <summary>Sends datagrams to a host by name, and makes a new start of it after each failure.</summary>
/// <remarks>
/// <para>The socket is bound to no address and connected to none, so the system picks route and source address anew for each datagram: a client that
/// moves to another network goes on. After a failure there is a new socket, to the name's next address, and the name is resolved
/// again. That may take as long as it likes, on the thread pool; until it is done, the addresses known so far are used.</para>
/// <para>Thread safety: the sender's thread is the only caller.</para>
/// </remarks>
internal sealed class HeartbeatChannel(string host, int port, Func<string, IPAddress[]> resolve) : IDisposable
{
    private IPAddress[] _addresses = [];
    private int _resolving;
    private int _starts;
    private Socket? _socket;
    private SocketAddress? _target;

    /// <summary>Sends a datagram, or throws why it could not.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        try
        {
            Socket socket = _socket ??= Open();
            socket.SendTo(datagram, SocketFlags.None, _target!);
        }
        catch
        {
            Restart();
            throw;
        }
    }

    /// <summary>Has the next datagram use a new socket, and the name resolved again.</summary>
    public void Restart()
    {
        Dispose();
        _starts++;
        if (Volatile.Read(ref _addresses).Length > 0 && Interlocked.Exchange(ref _resolving, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static channel => channel.ResolveAgain(), this, preferLocal: false);
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private Socket Open()
    {
        IPAddress[] addresses = Volatile.Read(ref _addresses);
        if (addresses.Length == 0)
        {
            addresses = resolve(host); // the first time there is nothing to do meanwhile
            Volatile.Write(ref _addresses, addresses);
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.NoData);
        }

        var endPoint = new IPEndPoint(addresses[_starts % addresses.Length], port);
        _target = endPoint.Serialize();
        return new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            Blocking = false, // a heartbeat that can't go out now is late; better to fail it than to wait
        };
    }

    private void ResolveAgain()
    {
        try
        {
            if (resolve(host) is { Length: > 0 } addresses)
            {
                Volatile.Write(ref _addresses, addresses);
            }
        }
        catch (Exception)
        {
            // The addresses known so far stay, and the next failure to send resolves again.
        }
        finally
        {
            Volatile.Write(ref _resolving, 0);
        }
    }
}
