using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Presence.Udp.Receiving;

/// <summary>Reads and answers up to 64 datagrams a call, on 64-bit Linux.</summary>
internal sealed unsafe class BatchDatagramChannel : DatagramChannel
{
    private const int Capacity = 64;

    /// <summary>Room for a heartbeat and a little more: what fills it is too long, by how much does not matter.</summary>
    private const int Room = 64;

    private readonly Socket _socket;

    // Pinned, so that the structures may point at each other for as long as the channel lives.
    private readonly byte[] _room = GC.AllocateArray<byte>(Capacity * Room, pinned: true);
    private readonly byte[] _senders = GC.AllocateArray<byte>(Capacity * LibC.AddressLength, pinned: true);
    private readonly LibC.Buffer[] _buffers = GC.AllocateArray<LibC.Buffer>(Capacity, pinned: true);
    private readonly LibC.MultiMessage[] _messages = GC.AllocateArray<LibC.MultiMessage>(Capacity, pinned: true);
    private readonly byte[] _answerRoom = GC.AllocateArray<byte>(Capacity * HeartbeatDatagram.Length, pinned: true);
    private readonly LibC.Buffer[] _answerBuffers = GC.AllocateArray<LibC.Buffer>(Capacity, pinned: true);
    private readonly LibC.MultiMessage[] _answers = GC.AllocateArray<LibC.MultiMessage>(Capacity, pinned: true);
    private int _answerCount;

    public BatchDatagramChannel(Socket socket)
    {
        _socket = socket;
        for (int i = 0; i < Capacity; i++)
        {
            Lay(_messages, _buffers, i, Pointer(_room, i * Room), Room);
            Lay(_answers, _answerBuffers, i, Pointer(_answerRoom, i * HeartbeatDatagram.Length), HeartbeatDatagram.Length);
            _messages[i].Address = Pointer(_senders, i * LibC.AddressLength);
        }
    }

    public override string Name => "in batches (recvmmsg)";

    public override ReadOnlySpan<byte> this[int index] => _room.AsSpan(index * Room, (int)_messages[index].Length);

    /// <summary>Whether the call is there and answers; a sandbox may forbid it.</summary>
    public static bool IsSupported(Socket socket)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || !BitConverter.IsLittleEndian)
        {
            return false;
        }

        try
        {
            return LibC.ReceiveMany(socket.SafeHandle, null, 0, LibC.DontWait, 0) == 0 && LibC.SendMany(socket.SafeHandle, null, 0, LibC.DontWait) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    public override int Read(bool wait)
    {
        _answerCount = 0;
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].AddressLength = LibC.AddressLength; // the last call wrote how much of it was used
        }

        int read = LibC.ReceiveMany(_socket.SafeHandle, (LibC.MultiMessage*)Unsafe.AsPointer(ref _messages[0]), Capacity, wait ? LibC.WaitForOne : LibC.DontWait, timeout: 0);
        if (read >= 0)
        {
            return read;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is LibC.TryAgain or LibC.Interrupted ? 0 : throw new SocketException(error);
    }

    public override Span<byte> AnswerTo(int index)
    {
        ref LibC.MultiMessage answer = ref _answers[_answerCount];
        answer.Address = _messages[index].Address;
        answer.AddressLength = _messages[index].AddressLength;
        return _answerRoom.AsSpan(_answerCount++ * HeartbeatDatagram.Length, HeartbeatDatagram.Length);
    }

    public override int SendAnswers()
    {
        int sent = 0;
        for (int next = 0; next < _answerCount;)
        {
            var from = (LibC.MultiMessage*)Unsafe.AsPointer(ref _answers[next]);
            int now = LibC.SendMany(_socket.SafeHandle, from, (uint)(_answerCount - next), LibC.DontWait);
            sent += Math.Max(0, now);
            next += now > 0 ? now : 1; // the first of them can't be sent, so pass it over
        }

        _answerCount = 0;
        return sent;
    }

    private static void Lay(LibC.MultiMessage[] messages, LibC.Buffer[] buffers, int index, byte* room, int length)
    {
        buffers[index].Start = room;
        buffers[index].Length = (nuint)length;
        messages[index].Buffers = (LibC.Buffer*)Unsafe.AsPointer(ref buffers[index]);
        messages[index].BufferCount = 1;
    }

    private static byte* Pointer(byte[] pinned, int offset) => (byte*)Unsafe.AsPointer(ref pinned[offset]);
}
