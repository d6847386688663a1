using System.Buffers.Text;

namespace Presence.Redis.Store;

/// <summary>Reads what scripts publish: words and numbers that a space ends, and client ids with their length before them.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <exception cref="FormatException">There is none.</exception>
    public byte ReadLetter()
    {
        byte letter = _rest.IsEmpty ? throw Unreadable() : _rest[0];
        _rest = _rest[1..];
        return letter;
    }

    /// <exception cref="FormatException">There is none.</exception>
    public string ReadWord()
    {
        int end = _rest.IndexOf((byte)' ');
        string word = end < 0 ? throw Unreadable() : System.Text.Encoding.ASCII.GetString(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return word;
    }

    /// <exception cref="FormatException">There is none.</exception>
    public long ReadNumber() => ReadNumber((byte)' ');

    /// <exception cref="FormatException">There is none.</exception>
    public string ReadClientId() => StoredClientId.Read(ReadText());

    /// <exception cref="FormatException">There is none.</exception>
    public ReadOnlySpan<byte> ReadText()
    {
        long length = ReadNumber((byte)':');
        if (length > _rest.Length)
        {
            throw Unreadable();
        }

        ReadOnlySpan<byte> text = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return text;
    }

    /// <summary>What is left of the message.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    private long ReadNumber(byte end)
    {
        if (!Utf8Parser.TryParse(_rest, out long number, out int length) || number < 0 || length >= _rest.Length || _rest[length] != end)
        {
            throw Unreadable();
        }

        _rest = _rest[(length + 1)..];
        return number;
    }

    private static FormatException Unreadable() => new("The message is none of ours. Does something else publish on channels of this prefix?");
}
