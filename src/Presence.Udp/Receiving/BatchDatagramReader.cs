using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Presence.Udp.Receiving;

/// <summary>Reads up to 64 datagrams a call, on 64-bit Linux.</summary>
internal sealed unsafe class BatchDatagramReader : DatagramReader
{
    private const int Capacity = 64;

    private readonly Socket _socket;

    // Pinned, so that the structures may point at each other for as long as the reader lives.
    private readonly byte[] _room = GC.AllocateArray<byte>(Capacity * Room, pinned: true);
    private readonly LibC.Buffer[] _buffers = GC.AllocateArray<LibC.Buffer>(Capacity, pinned: true);
    private readonly LibC.MultiMessage[] _messages = GC.AllocateArray<LibC.MultiMessage>(Capacity, pinned: true);

    public BatchDatagramReader(Socket socket)
    {
        _socket = socket;
        for (int i = 0; i < Capacity; i++)
        {
            _buffers[i].Start = (byte*)Unsafe.AsPointer(ref _room[i * Room]);
            _buffers[i].Length = Room;
            _messages[i].Buffers = (LibC.Buffer*)Unsafe.AsPointer(ref _buffers[i]);
            _messages[i].BufferCount = 1;
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
            return LibC.ReceiveMany(socket.SafeHandle, null, 0, LibC.DontWait, 0) == 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    public override int Read(bool wait)
    {
        var messages = (LibC.MultiMessage*)Unsafe.AsPointer(ref _messages[0]);
        int read = LibC.ReceiveMany(_socket.SafeHandle, messages, Capacity, wait ? LibC.WaitForOne : LibC.DontWait, timeout: 0);
        if (read >= 0)
        {
            return read;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is LibC.TryAgain or LibC.Interrupted ? 0 : throw new SocketException(error);
    }
}
