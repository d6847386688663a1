using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ChatClient;

/// <summary>Cuts what a server sends into lines, and never holds more than one of them: it might be anything that answers at that port.</summary>
internal sealed class LineReader(Stream stream)
{
    private const int MaxBytes = 64 * 1024; // far more than the chat server ever sends in a line

    private readonly PipeReader _input = PipeReader.Create(stream);

    /// <summary>Reads a line; of one that is too long, its beginning.</summary>
    /// <returns>The line; null when the connection has ended.</returns>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                ReadResult result = await _input.ReadAsync(cancellationToken);
                SequencePosition? lineFeed = result.Buffer.PositionOf((byte)'\n');
                if (lineFeed is null && !result.IsCompleted && result.Buffer.Length < MaxBytes)
                {
                    _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                ReadOnlySequence<byte> line = lineFeed is { } end ? result.Buffer.Slice(0, end) : result.Buffer;
                string text = Encoding.UTF8.GetString(line).TrimEnd('\r');
                _input.AdvanceTo(lineFeed is { } found ? result.Buffer.GetPosition(1, found) : result.Buffer.End);
                return lineFeed is null && text.Length == 0 ? null : text;
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return null;
        }
    }
}
