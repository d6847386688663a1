using System.Net;
using System.Net.Sockets;

namespace Presence.NetworkTests.Host;

/// <summary>A server that relies on TCP keep-alive, and its client: what the tests compare heartbeats with. The kernel does all of it.</summary>
internal static class KeepAlive
{
    /// <summary>Listens on two ports: on one with the kernel's defaults, on the other with a probe a second.</summary>
    public static async Task ServeAsync(Arguments arguments)
    {
        Task[] ports =
        [
            AcceptAsync(arguments.Number("port", 0), _ => { }),
            AcceptAsync(arguments.Number("probed-port", 0), socket =>
            {
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 1);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            }),
        ];
        Console.WriteLine("listening");
        await Task.WhenAll(ports);
    }

    /// <summary>Connects to both, and does nothing more.</summary>
    public static async Task ConnectAsync(Arguments arguments)
    {
        using var plain = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var probed = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await plain.ConnectAsync(arguments.Text("host", ""), arguments.Number("port", 0));
        await probed.ConnectAsync(arguments.Text("host", ""), arguments.Number("probed-port", 0));
        Console.WriteLine("connected");
        Console.ReadLine();
        var never = new TaskCompletionSource();
        Console.WriteLine("frozen");
        never.Task.Wait();
    }

    private static async Task AcceptAsync(int port, Action<Socket> configure)
    {
        using var listener = new TcpListener(IPAddress.Any, port);
        listener.Start();
        List<Socket> kept = [];
        while (true)
        {
            Socket socket = await listener.AcceptSocketAsync();
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            configure(socket);
            kept.Add(socket);
        }
    }
}
