using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Presence.Udp.Receiving;

/// <summary>Has the Linux kernel throw away what is no heartbeat by its length, magic, version or type, before it takes room in the queue or wakes anyone.</summary>
/// <remarks>A classic BPF program, which sees the datagram from its UDP header on. What it refuses moves the socket's counter of drops.</remarks>
internal static unsafe class DatagramFilter
{
    private const int SolSocket = 1;
    private const int SoAttachFilter = 26;

    private const ushort LoadLength = 0x80; // BPF_LD | BPF_W | BPF_LEN
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort LoadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K
    private const int HeaderLength = 8; // of UDP
    private const int TypeOffset = 4;

    /// <summary>Attaches the filter, which goes with the socket.</summary>
    /// <returns>Whether the system let it; a sandbox may not.</returns>
    public static bool TryAttach(Socket socket)
    {
        Span<byte> header = stackalloc byte[HeartbeatDatagram.Length];
        HeartbeatDatagram.WriteHeartbeat(header, session: 0, sequence: 0);
        Span<Instruction> program =
        [
            new(LoadLength),
            new(JumpIfEqual, HeaderLength + HeartbeatDatagram.Length, otherwise: 5),
            new(LoadWord, HeaderLength),
            new(JumpIfEqual, BinaryPrimitives.ReadUInt32BigEndian(header), otherwise: 3),
            new(LoadByte, HeaderLength + TypeOffset),
            new(JumpIfEqual, header[TypeOffset], otherwise: 1),
            new(Return, ushort.MaxValue), // so many bytes of it
            new(Return, 0),
        ];
        fixed (Instruction* instructions = program)
        {
            var described = new Program { Length = (ushort)program.Length, Instructions = instructions };
            try
            {
                socket.SetRawSocketOption(SolSocket, SoAttachFilter, new ReadOnlySpan<byte>(&described, sizeof(Program)));
                return true;
            }
            catch (SocketException)
            {
                return false; // the listener's own checks do the same, at a higher price
            }
        }
    }

    /// <summary>struct sock_filter; a jump passes over so many instructions otherwise, and none if it is true.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, uint operand = 0, byte otherwise = 0)
    {
        private readonly ushort _code = code;
        private readonly byte _then = 0;
        private readonly byte _otherwise = otherwise;
        private readonly uint _operand = operand;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
