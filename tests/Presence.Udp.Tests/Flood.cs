using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Tests;

/// <summary>Threads that send one datagram as fast as they can, while they are let.</summary>
internal sealed class Flood : IDisposable
{
    private readonly ManualResetEventSlim _flows = new();
    private readonly Thread[] _threads;
    private volatile bool _ends;

    public Flood(IPEndPoint target, byte[] datagram, int threads)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => Run(target, datagram)) { IsBackground = true })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    public void Resume() => _flows.Set();

    public void Pause() => _flows.Reset();

    public void Dispose()
    {
        _ends = true;
        _flows.Set();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _flows.Dispose();
    }

    private void Run(IPEndPoint target, byte[] datagram)
    {
        using Socket socket = Loopback.Sender(target.Address);
        SocketAddress address = target.Serialize();
        while (!_ends)
        {
            _flows.Wait();
            for (int i = 0; i < 64; i++)
            {
                socket.SendTo(datagram, SocketFlags.None, address);
            }
        }
    }
}
