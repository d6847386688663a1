using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>What the system offers to those who receive; tests also receive as on systems that offer less.</summary>
/// <param name="CreateChannel">How a thread reads a socket.</param>
/// <param name="HasSocketPerThread">Whether each thread has a socket of its own, among which the kernel shares out the clients (SO_REUSEPORT).</param>
/// <param name="HasFilter">Whether the kernel throws garbage away.</param>
internal sealed record ReceivePlatform(Func<Socket, DatagramChannel> CreateChannel, bool HasSocketPerThread, bool HasFilter)
{
    public static ReceivePlatform Current { get; } = new(DatagramChannel.Create, OperatingSystem.IsLinux(), OperatingSystem.IsLinux());
}
