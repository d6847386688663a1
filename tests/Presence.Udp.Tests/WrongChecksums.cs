using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Tests;

/// <summary>Sends datagrams that the kernel of the receiver throws away, as any stranger with a raw socket can.</summary>
internal sealed class WrongChecksums : IDisposable
{
    private const int HeaderLength = 8;
    private const int PayloadLength = 200; // short ones are checked only when they are read

    private readonly Socket _socket;
    private readonly EndPoint _target;
    private readonly byte[] _datagram = new byte[HeaderLength + PayloadLength];

    private WrongChecksums(Socket socket, IPEndPoint target)
    {
        (_socket, _target) = (socket, new IPEndPoint(target.Address, 0));
        BinaryPrimitives.WriteUInt16BigEndian(_datagram, 9); // from a port that nobody has
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(2), (ushort)target.Port);
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(4), (ushort)_datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(6), 0xdead);
    }

    /// <summary>Opens a raw socket, or says what it takes.</summary>
    public static WrongChecksums Open(IPEndPoint target)
    {
        Assume.That(OperatingSystem.IsLinux(), "needs Linux, where raw UDP can be sent and drops are told");
        try
        {
            return new WrongChecksums(new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Udp), target);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AccessDenied or SocketError.OperationNotSupported)
        {
            Assert.Ignore("needs a raw socket: run as root, or with CAP_NET_RAW");
            throw;
        }
    }

    public void Send() => _socket.SendTo(_datagram, _target);

    public void Dispose() => _socket.Dispose();
}
