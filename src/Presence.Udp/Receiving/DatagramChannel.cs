using System.Net.Sockets;

namespace Presence.Udp.Receiving;

/// <summary>The seam between the receive loop and the system: reads datagrams from a socket and answers some, one or many at a time.</summary>
/// <remarks>
/// Who sent a datagram is kept for an answer only, since the source address is not identity. Thread safety: none; one receive thread is the only caller.
/// </remarks>
internal abstract class DatagramChannel
{
    /// <summary>What is told of the channel in the log.</summary>
    public abstract string Name { get; }

    /// <summary>A datagram of the last read; one that is longer than the room for it is cut off, but not to the length of a heartbeat.</summary>
    public abstract ReadOnlySpan<byte> this[int index] { get; }

    /// <summary>Takes the fastest channel that works here.</summary>
    public static DatagramChannel Create(Socket socket) =>
        BatchDatagramChannel.IsSupported(socket) ? new BatchDatagramChannel(socket) : new PortableDatagramChannel(socket);

    /// <summary>Reads what is there.</summary>
    /// <param name="wait">Whether to wait for a datagram, for as long as the socket's receive timeout, if there is none.</param>
    /// <returns>How many datagrams were read; 0 if there was none in time.</returns>
    /// <exception cref="SocketException">The read failed. The next one may succeed.</exception>
    public abstract int Read(bool wait);

    /// <summary>Room for the answer to a datagram of the last read, of the same length as a heartbeat. To ask for it is to have it sent.</summary>
    public abstract Span<byte> AnswerTo(int index);

    /// <summary>Sends the answers to the last read, without waiting. One that cannot be sent does not keep back the others.</summary>
    /// <returns>How many were sent.</returns>
    public abstract int SendAnswers();
}
