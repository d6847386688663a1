using System.Buffers;
using System.IO.Pipelines;

namespace ChatServer;

/// <summary>Cuts what a client sends into lines, and never holds more than one of them.</summary>
internal sealed class LineReader(PipeReader input, int maxBytes)
{
    /// <summary>Whether the reading ended because of a line over the limit.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Reads the next line, without its line feed.</summary>
    /// <returns>The line; or null when there is none: the client is gone, the read was cancelled, or the line is too long.</returns>
    public async ValueTask<byte[]?> ReadAsync()
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            ReadOnlySequence<byte> buffer = result.Buffer;
            SequencePosition? lineFeed = buffer.PositionOf((byte)'\n');
            ReadOnlySequence<byte> line = lineFeed is { } end ? buffer.Slice(0, end) : buffer;
            if (line.Length > maxBytes)
            {
                IsTooLong = true;
                input.AdvanceTo(buffer.End);
                return null;
            }

            if (result.IsCanceled)
            {
                input.AdvanceTo(buffer.Start);
                return null;
            }

            if (lineFeed is null && !result.IsCompleted)
            {
                input.AdvanceTo(buffer.Start, buffer.End); // all is examined and nothing consumed: more has to come
                continue;
            }

            byte[] bytes = line.ToArray(); // what comes last may lack its line feed
            input.AdvanceTo(lineFeed is { } found ? buffer.GetPosition(1, found) : buffer.End);
            return lineFeed is null && bytes.Length == 0 ? null : bytes;
        }
    }

    /// <summary>Reads on and throws it away, until the client is gone or the read is cancelled.</summary>
    /// <returns>Whether the client is gone.</returns>
    public async ValueTask<bool> DiscardAsync()
    {
        ReadResult result;
        do
        {
            result = await input.ReadAsync();
            input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted && !result.IsCanceled);
        return result.IsCompleted;
    }
}
