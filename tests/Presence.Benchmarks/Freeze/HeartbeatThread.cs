using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Presence.NetworkTests.Host;

namespace Presence.Benchmarks.Freeze;

/// <summary>
/// Sends the heartbeats of all the clients in this process, for each in a rhythm of its own. A <c>HeartbeatSender</c> has a thread, which is right for one client and
/// too much for two thousand.
/// </summary>
/// <remarks>Thread safety: clients may be added at any time from any thread.</remarks>
internal sealed class HeartbeatThread
{
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Lock _gate = new(); // guards the clients
    private readonly List<Client> _clients = [];

    private HeartbeatThread() => new Thread(Run) { IsBackground = true }.Start();

    public static HeartbeatThread Shared { get; } = new();

    public void Add(SessionId session, byte[] key, int port, TimeSpan interval)
    {
        lock (_gate)
        {
            _clients.Add(new Client(new SignedBeat(session, key), new IPEndPoint(IPAddress.Loopback, port).Serialize(), interval));
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                foreach (Client client in _clients)
                {
                    client.SendIfDue(_socket);
                }
            }

            Thread.Sleep(Resolution);
        }
    }

    private sealed class Client(SignedBeat beat, SocketAddress server, TimeSpan interval)
    {
        private long _due = Stopwatch.GetTimestamp(); // the first at once

        public void SendIfDue(Socket socket)
        {
            long now = Stopwatch.GetTimestamp();
            if (now < _due)
            {
                return;
            }

            socket.SendTo(beat.Next(), SocketFlags.None, server);
            long period = (long)(interval.TotalSeconds * Stopwatch.Frequency);
            _due += period * (1 + ((now - _due) / period)); // those that were missed are not made up for
        }
    }
}
