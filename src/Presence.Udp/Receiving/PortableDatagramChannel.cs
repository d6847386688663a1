using System.Net;
using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>Reads and answers one datagram a call, on any system.</summary>
/// <remarks>
/// Several channels may share a socket, each with a thread of its own: then they take turns at reading. <c>ReceiveFrom</c> throws when it times out or when
/// a datagram does not fit, which here is ordinary; so it is called only when there is one, with room for any.
/// </remarks>
internal sealed class PortableDatagramChannel(Socket socket) : DatagramChannel
{
    private const int LongestDatagram = 65_535;

    private readonly byte[] _buffer = new byte[LongestDatagram];
    private readonly byte[] _answer = new byte[HeartbeatDatagram.Length];
    private readonly SocketAddress _sender = new(socket.AddressFamily);
    private readonly TimeSpan _longestWait = TimeSpan.FromMilliseconds(socket.ReceiveTimeout);
    private int _length;
    private bool _answers;

    public override string Name => "one at a time";

    public override ReadOnlySpan<byte> this[int index] => _buffer.AsSpan(0, _length);

    public override int Read(bool wait)
    {
        _answers = false;
        lock (socket)
        {
            if (!socket.Poll(wait ? _longestWait : TimeSpan.Zero, SelectMode.SelectRead))
            {
                return 0;
            }

            _sender.Size = _sender.Buffer.Length; // the last call wrote how much of it was used
            try
            {
                _length = socket.ReceiveFrom(_buffer, SocketFlags.None, _sender);
                return 1;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted)
            {
                return 0; // what was there had a wrong checksum, which is found out only now
            }
        }
    }

    public override Span<byte> AnswerTo(int index)
    {
        _answers = true;
        return _answer;
    }

    public override int SendAnswers()
    {
        try
        {
            return _answers ? socket.SendTo(_answer, SocketFlags.None, _sender) / HeartbeatDatagram.Length : 0;
        }
        catch (SocketException)
        {
            return 0; // the caller counts what was not sent
        }
        finally
        {
            _answers = false;
        }
    }
}
