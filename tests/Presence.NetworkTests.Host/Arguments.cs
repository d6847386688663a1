using System.Globalization;

namespace Presence.NetworkTests.Host;

/// <summary>The command line, <c>name=value</c> each.</summary>
internal sealed class Arguments(string[] args)
{
    private readonly Dictionary<string, string> _values = args.Select(arg => arg.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public int Number(string name, int otherwise) => _values.TryGetValue(name, out string? value) ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public double Share(string name, double otherwise) => _values.TryGetValue(name, out string? value) ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
