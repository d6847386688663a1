using System.Globalization;
using System.Text;

namespace Presence.Benchmarks.Plots;

/// <summary>Draws times against numbers of clients, both axes logarithmic, as an SVG for light and dark pages.</summary>
internal static class LogLogPlot
{
    private const int Left = 80;
    private const int Top = 50;
    private const int Width = 520;
    private const int Height = 360;
    private const double FirstDecade = 3; // 1 k clients
    private const double LastDecade = 7;

    // Middle tones, which stand out from white and from black.
    private static readonly string[] Colours = ["#888888", "#e0529c", "#2f81f7", "#d9822b", "#8a63d2", "#2da44e", "#c93c37", "#1b9aaa"];

    public static string Draw(string title, IReadOnlyList<Series> series)
    {
        Point[] points = [.. series.SelectMany(line => line.Points)];
        int bottom = (int)Math.Floor(Math.Log10(points.Min(point => point.Nanoseconds)));
        int top = (int)Math.Ceiling(Math.Log10(points.Max(point => point.Nanoseconds)));
        var svg = new StringBuilder();
        Append(svg, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Left + Width + 230} {Top + Height + 60}" font-family="sans-serif" font-size="13" role="img" aria-label="{title}">
              <style>
                text {"{ fill: #24292f; }"} .grid {"{ stroke: #d0d7de; }"} .line {"{ fill: none; stroke-width: 2; }"}
                @media (prefers-color-scheme: dark) {"{ text { fill: #e6edf3; } .grid { stroke: #3d444d; } }"}
              </style>
              <text x="{Left}" y="24" font-size="16">{title}</text>
              <text x="{Left + (Width / 2)}" y="{Top + Height + 46}" text-anchor="middle">clients</text>
              <text transform="translate(20 {Top + (Height / 2)}) rotate(-90)" text-anchor="middle">time</text>

            """);
        DrawGrid(svg, bottom, top);
        for (int i = 0; i < series.Count; i++)
        {
            DrawLine(svg, series[i], Colours[i % Colours.Length], bottom, top);
            DrawLegend(svg, series[i].Name, Colours[i % Colours.Length], Top + 10 + (24 * i));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawGrid(StringBuilder svg, int bottom, int top)
    {
        string[] clients = ["1 k", "10 k", "100 k", "1 M", "10 M"];
        for (int i = 0; i < clients.Length; i++)
        {
            double x = X(Math.Pow(10, FirstDecade + i));
            Append(svg, $"""  <line class="grid" x1="{x:0.#}" y1="{Top}" x2="{x:0.#}" y2="{Top + Height}"/><text x="{x:0.#}" y="{Top + Height + 20}" text-anchor="middle">{clients[i]}</text>{"\n"}""");
        }

        for (int decade = bottom; decade <= top; decade++)
        {
            double y = Y(Math.Pow(10, decade), bottom, top);
            Append(svg, $"""  <line class="grid" x1="{Left}" y1="{y:0.#}" x2="{Left + Width}" y2="{y:0.#}"/><text x="{Left - 8}" y="{y + 4:0.#}" text-anchor="end">{Duration(decade)}</text>{"\n"}""");
        }
    }

    private static void DrawLine(StringBuilder svg, Series line, string colour, int bottom, int top)
    {
        string[] corners = [.. line.Points.Select(point => Invariant($"{X(point.Clients):0.#},{Y(point.Nanoseconds, bottom, top):0.#}"))];
        Append(svg, $"""  <polyline class="line" stroke="{colour}" points="{string.Join(' ', corners)}"/>{"\n"}""");
        foreach (Point point in line.Points)
        {
            Append(svg, $"""  <circle cx="{X(point.Clients):0.#}" cy="{Y(point.Nanoseconds, bottom, top):0.#}" r="3.5" fill="{colour}"><title>{line.Name}: {point.Nanoseconds:0.#} ns</title></circle>{"\n"}""");
        }
    }

    private static void DrawLegend(StringBuilder svg, string name, string colour, int y) => Append(
        svg,
        $"""  <line class="line" stroke="{colour}" x1="{Left + Width + 16}" y1="{y}" x2="{Left + Width + 40}" y2="{y}"/><text x="{Left + Width + 46}" y="{y + 4}">{name}</text>{"\n"}""");

    private static double X(double clients) => Left + (Width * (Math.Log10(clients) - FirstDecade) / (LastDecade - FirstDecade));

    private static double Y(double nanoseconds, int bottom, int top) => Top + (Height * (top - Math.Log10(nanoseconds)) / (top - bottom));

    private static string Duration(int decade) => decade switch
    {
        < 3 => Invariant($"{Math.Pow(10, decade):0.##} ns"),
        < 6 => Invariant($"{Math.Pow(10, decade - 3):0} µs"),
        < 9 => Invariant($"{Math.Pow(10, decade - 6):0} ms"),
        _ => Invariant($"{Math.Pow(10, decade - 9):0} s"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(Invariant(text));
}
