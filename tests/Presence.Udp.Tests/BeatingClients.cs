using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Tests;

/// <summary>Clients that beat from sockets of their own kinds of address, evenly over each interval, on one thread.</summary>
internal sealed class BeatingClients(PresenceTracker tracker, HeartbeatKeys keys, IPEndPoint target, int count, TimeSpan interval)
{
    private const int Sockets = 64; // so that they are shared out among the listener's

    private readonly (SessionId Session, byte[] Key)[] _clients = [.. Enumerable.Range(0, count).Select(i => LogIn(tracker, keys, Name(i)))];
    private Thread? _thread;
    private volatile bool _stops;
    private volatile int _rounds;
    private long _sent;

    /// <summary>How many beat: those after them are dead.</summary>
    public int Beating { get; set; } = int.MaxValue;

    public int Rounds => _rounds;

    public long Sent => Volatile.Read(ref _sent);

    public static string Name(int client) => $"client{client}";

    public SessionId SessionOf(int client) => _clients[client].Session;

    public byte[] DatagramOf(int client, ulong sequence) => Datagrams.Genuine(_clients[client].Key, _clients[client].Session, sequence);

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public void Stop()
    {
        _stops = true;
        _thread!.Join();
    }

    private static (SessionId Session, byte[] Key) LogIn(PresenceTracker tracker, HeartbeatKeys keys, string name)
    {
        SessionId session = tracker.Join(name).Session;
        return (session, keys.Issue(name, session)!);
    }

    private void Run()
    {
        Socket[] sockets = [.. Enumerable.Range(0, Sockets).Select(_ => Loopback.Sender())];
        long start = Stopwatch.GetTimestamp();
        for (ulong round = 1; !_stops; round++)
        {
            for (int i = 0; i < count && !_stops; i++)
            {
                TimeSpan due = interval * (round - 1 + ((double)i / count));
                for (TimeSpan early = due - Stopwatch.GetElapsedTime(start); early > TimeSpan.Zero; early = due - Stopwatch.GetElapsedTime(start))
                {
                    Thread.Sleep(early > TimeSpan.FromMilliseconds(1) ? early : TimeSpan.FromMilliseconds(1)); // then all that are due by then
                }

                if (i < Beating)
                {
                    sockets[i % Sockets].SendTo(DatagramOf(i, round), target);
                    Volatile.Write(ref _sent, _sent + 1);
                }
            }

            _rounds = (int)round;
        }

        Array.ForEach(sockets, static socket => socket.Dispose());
    }
}
