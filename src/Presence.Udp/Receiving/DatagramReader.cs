using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>The seam between the receive loop and the system: reads datagrams from a socket, one or many at a time.</summary>
/// <remarks>
/// Who sent a datagram is not read, since the source address is not identity. Thread safety: none; the receive thread is the only caller.
/// </remarks>
internal abstract class DatagramReader
{
    /// <summary>Room for a heartbeat and a little more: what fills it is too long, by how much does not matter.</summary>
    protected const int Room = 64;

    /// <summary>What is told of the reader in the log.</summary>
    public abstract string Name { get; }

    /// <summary>A datagram of the last read; one that is longer than the room for it is cut off.</summary>
    public abstract ReadOnlySpan<byte> this[int index] { get; }

    /// <summary>Takes the fastest reader that works here.</summary>
    public static DatagramReader Create(Socket socket) =>
        BatchDatagramReader.IsSupported(socket) ? new BatchDatagramReader(socket) : new PortableDatagramReader(socket);

    /// <summary>Reads what is there.</summary>
    /// <param name="wait">Whether to wait for a datagram, for as long as the socket's receive timeout, if there is none.</param>
    /// <returns>How many datagrams were read; 0 if there was none in time.</returns>
    /// <exception cref="SocketException">The read failed. The next one may succeed.</exception>
    public abstract int Read(bool wait);
}
