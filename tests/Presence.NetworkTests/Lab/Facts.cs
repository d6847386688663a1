using System.Globalization;

namespace Presence.NetworkTests.Lab;

/// <summary>What a program says of itself: numbers by their names.</summary>
internal sealed class Facts
{
    private readonly Dictionary<string, double> _numbers;
    private readonly string _line;

    private Facts(string line, Dictionary<string, double> numbers)
    {
        _line = line;
        _numbers = numbers;
    }

    public double this[string name] => _numbers.TryGetValue(name, out double number) ? number : throw new KeyNotFoundException($"No '{name}' in: {_line}");

    /// <summary>Reads <c>anything: name=1 other=2.5</c>.</summary>
    public static Facts Parse(string line) => new(line, line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(' ')
        .Select(fact => fact.Split('='))
        .ToDictionary(fact => fact[0], fact => double.Parse(fact[1], CultureInfo.InvariantCulture)));

    public override string ToString() => _line;
}
