using System.Net;
using System.Net.Sockets;

namespace Presence.Redis.Tests.Stores;

/// <summary>Ports that nothing listens on.</summary>
internal static class FreePort
{
    private static readonly HashSet<int> Given = [];

    /// <summary>A port that was free just now, and was not given before. A cluster's bus needs the one 10,000 above as well.</summary>
    public static int Next()
    {
        lock (Given)
        {
            while (true)
            {
                int port = Random.Shared.Next(20_000, 32_000);
                if (!Given.Contains(port) && IsFree(port) && IsFree(port + 10_000))
                {
                    Given.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
