using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>Reads one datagram a call, on any system.</summary>
/// <remarks>
/// <c>Receive</c> with an error code, not <c>ReceiveFrom</c>: that has to throw when it times out, which here is ordinary.
/// </remarks>
internal sealed class PortableDatagramReader(Socket socket) : DatagramReader
{
    private readonly byte[] _buffer = new byte[Room];
    private int _length;

    public override string Name => "one at a time";

    public override ReadOnlySpan<byte> this[int index] => _buffer.AsSpan(0, _length);

    public override int Read(bool wait)
    {
        if (!wait && !socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
        {
            return 0;
        }

        _length = socket.Receive(_buffer, SocketFlags.None, out SocketError error);
        switch (error)
        {
            case SocketError.Success:
                return 1;
            case SocketError.MessageSize: // how Windows says that the datagram was cut off
                _length = Room;
                return 1;
            case SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted:
                return 0;
            default:
                throw new SocketException((int)error);
        }
    }
}
