using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Presence.Benchmarks.Contenders;
using Presence.Benchmarks.Measuring;
using Presence.Udp;

namespace Presence.Benchmarks.Ratios;

/// <summary>Whether two receive threads are twice one: authenticated heartbeats of a million sessions, prepared in bursts, one in the queue of each thread.</summary>
/// <remarks>
/// A burst is sent while the threads wait at a gate, and received while nothing is sent. Two threads leave the gate together; rates are added. Linux only, since elsewhere threads
/// take turns at one socket.
/// </remarks>
internal static class UdpThreadRows
{
    private const int Count = 1_000_000;
    private const int Burst = 400; // fits the receive buffer that Linux grants by default, of which each takes 832 bytes
    private const int Rounds = 600;
    private const int WarmupRounds = Rounds / 4;
    private const int DatagramLength = 40;

    public static IEnumerable<Row> Measure()
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break;
        }

        using var presence = new PresenceContender();
        using var keys = new HeartbeatKeys(presence.Tracker);
        (SessionId Session, byte[] Key)[] clients = [.. Clients.Ids(Count).Select(Join)];
        new Random(Count).Shuffle(clients);
        using var one = new GatedListener(presence.Tracker, keys, [Join("gate of one")]);
        using var two = new GatedListener(presence.Tracker, keys, [Join("first gate of two"), Join("second gate of two")]);
        byte[][] bursts = [new byte[Burst * DatagramLength], new byte[Burst * DatagramLength], new byte[Burst * DatagramLength]];
        (Samples ourRate, Samples referenceRate) = (new(), new());
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < bursts.Length * Burst; i++)
            {
                int at = (round * bursts.Length * Burst) + i;
                (SessionId session, byte[] key) = clients[at % Count];
                Write(bursts[i / Burst].AsSpan(i % Burst * DatagramLength, DatagramLength), session, key, sequence: (ulong)(at / Count) + 1);
            }

            presence.Tick();
            double reference = one.Pass([bursts[0]]);
            double ours = two.Pass([bursts[1], bursts[2]]);
            if (round >= WarmupRounds)
            {
                ourRate.Add(ours);
                referenceRate.Add(reference);
            }
        }

        if (one.Accepted != Rounds * Burst || two.Accepted != 2 * Rounds * Burst)
        {
            throw new InvalidOperationException($"{one.Accepted} and {two.Accepted} heartbeats were accepted.");
        }

        yield return new Row("udp-threads-two/one", ourRate.Median, referenceRate.Median, "/us", 1.7, AtLeast: true);

        (SessionId Session, byte[] Key) Join(string id)
        {
            SessionId session = presence.Tracker.Join(id).Session;
            return (session, keys.Issue(id, session)!);
        }
    }

    private static void Write(Span<byte> datagram, SessionId session, byte[] key, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64BigEndian(datagram, 0x50_52_42_01_01_00_00_00);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[8..], session.Value);
        BinaryPrimitives.WriteUInt64BigEndian(datagram[16..], sequence);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, datagram[..24], mac);
        mac[..16].CopyTo(datagram[24..]);
    }

    /// <summary>A listener with a thread for each gate, and a client for each whose datagrams that thread receives.</summary>
    private sealed class GatedListener : IHeartbeatSink, IDisposable
    {
        private readonly PresenceTracker _tracker;
        private readonly Gate[] _gates;
        private readonly UdpHeartbeatListener _listener;
        private int _leaving;

        public GatedListener(PresenceTracker tracker, HeartbeatKeys keys, (SessionId Session, byte[] Key)[] gates)
        {
            _tracker = tracker;
            _gates = [.. gates.Select(gate => new Gate(gate.Session, gate.Key))];
            _listener = new UdpHeartbeatListener(
                this, keys, new UdpHeartbeatOptions { EndPoint = new IPEndPoint(IPAddress.Loopback, 0), ReceiveThreads = gates.Length });
            _listener.Start();
            foreach (Gate gate in _gates)
            {
                do
                {
                    gate.Connect(_listener.LocalEndPoint!);
                    gate.Shut();
                    gate.Open();
                }
                while (_gates.Any(other => other != gate && other.Thread == gate.Thread)); // the kernel hashed both to one socket
            }
        }

        public long Accepted => _gates.Sum(static gate => gate.Accepted);

        public bool Heartbeat(string clientId) => _tracker.Heartbeat(clientId);

        public bool Heartbeat(SessionId session)
        {
            foreach (Gate gate in _gates)
            {
                if (session == gate.Session)
                {
                    gate.Wait(ref _leaving, _gates.Length);
                    return true;
                }
            }

            Gate mine = Array.Find(_gates, static gate => gate.Thread == Environment.CurrentManagedThreadId)!;
            mine.Accepted++;
            return _tracker.Heartbeat(session);
        }

        /// <returns>Heartbeats a microsecond, on all threads together.</returns>
        public double Pass(byte[][] bursts)
        {
            foreach (Gate gate in _gates)
            {
                gate.Shut();
            }

            for (int i = 0; i < _gates.Length; i++)
            {
                _gates[i].Fill(bursts[i]);
            }

            _leaving = 0;
            Array.ForEach(_gates, static gate => gate.Open());
            Array.ForEach(_gates, static gate => gate.WaitUntilShut());
            _leaving = 0;
            Array.ForEach(_gates, static gate => gate.Open());
            return _gates.Sum(static gate => 1e3 * Burst / gate.OpenFor);
        }

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>Heartbeats of one session shut a gate, and hold up the thread that receives them until it is opened.</summary>
    private sealed class Gate(SessionId session, byte[] key)
    {
        private readonly SemaphoreSlim _shut = new(0);
        private readonly SemaphoreSlim _open = new(0);
        private readonly byte[] _datagram = new byte[DatagramLength];
        private Socket? _socket;
        private ulong _sequence;
        private long _openedAt;

        public SessionId Session => session;

        public int Thread { get; private set; }

        public long Accepted { get; set; }

        /// <summary>Nanoseconds between the last opening and the last shutting.</summary>
        public double OpenFor { get; private set; }

        public void Connect(IPEndPoint listener)
        {
            _socket?.Dispose();
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _socket.Connect(listener);
        }

        public void Shut()
        {
            Send();
            WaitUntilShut();
        }

        public void Fill(byte[] burst)
        {
            for (int i = 0; i < Burst; i++)
            {
                _socket!.Send(burst.AsSpan(i * DatagramLength, DatagramLength));
            }

            Send();
        }

        public void Open() => _open.Release();

        public void WaitUntilShut() => _shut.Wait();

        /// <summary>On the receive thread. All leave together, once all were let.</summary>
        public void Wait(ref int leaving, int gates)
        {
            OpenFor = Interleaved.Nanoseconds(_openedAt, Stopwatch.GetTimestamp());
            bool isConnecting = Thread == 0 || Thread != Environment.CurrentManagedThreadId;
            Thread = Environment.CurrentManagedThreadId;
            _shut.Release();
            _open.Wait();
            Interlocked.Increment(ref leaving);
            while (!isConnecting && Volatile.Read(ref leaving) < gates)
            {
                System.Threading.Thread.SpinWait(1);
            }

            _openedAt = Stopwatch.GetTimestamp();
        }

        private void Send()
        {
            Write(_datagram, session, key, ++_sequence);
            _socket!.Send(_datagram);
        }
    }
}
