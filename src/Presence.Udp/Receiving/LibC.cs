using System.Runtime.InteropServices;

namespace Presence.Udp.Receiving;

/// <summary>What is needed of the C library on 64-bit Linux: recvmmsg(2) and sendmmsg(2), with their structures as glibc and musl lay them out there.</summary>
internal static unsafe partial class LibC
{
    /// <summary>MSG_DONTWAIT: fail rather than wait.</summary>
    public const int DontWait = 0x40;

    /// <summary>MSG_WAITFORONE: wait for the first datagram only.</summary>
    public const int WaitForOne = 0x10000;

    /// <summary>EINTR: a signal came in between.</summary>
    public const int Interrupted = 4;

    /// <summary>EAGAIN: there is no datagram, or none came in time.</summary>
    public const int TryAgain = 11;

    /// <summary>The length of struct sockaddr_in6, the longest that there is here.</summary>
    public const int AddressLength = 28;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, MultiMessage* messages, uint count, int flags, nint timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(SafeHandle socket, MultiMessage* messages, uint count, int flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: struct msghdr with the length that was received or sent.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct MultiMessage
    {
        /// <summary>msg_name.</summary>
        [FieldOffset(0)]
        public byte* Address;

        /// <summary>msg_namelen.</summary>
        [FieldOffset(8)]
        public int AddressLength;

        /// <summary>msg_iov. The control data after it stay null: they are not read.</summary>
        [FieldOffset(16)]
        public Buffer* Buffers;

        /// <summary>msg_iovlen.</summary>
        [FieldOffset(24)]
        public nuint BufferCount;

        /// <summary>msg_len, behind the 56 bytes of msghdr.</summary>
        [FieldOffset(56)]
        public uint Length;
    }
}
