using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ChatClient;

/// <summary>Keeps what is being typed on the last line, whole, whatever comes in above it.</summary>
/// <remarks>What is typed is shown while it is typed and not after that: it comes back from the server, where all others see it.</remarks>
internal sealed class EditingTerminal : Terminal
{
    private const string Prompt = "> ";
    private const string EraseLine = "\r\u001b[K";

    private readonly Lock _gate = new(); // guards what is typed and what is on the screen
    private readonly StringBuilder _typed = new();
    private bool _isReading;

    public override string? Read()
    {
        _isReading = true;
        Redraw();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            lock (_gate)
            {
                if (key.Key == ConsoleKey.Enter)
                {
                    string line = _typed.ToString();
                    _typed.Clear();
                    return line;
                }

                if (key is { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } && _typed.Length == 0)
                {
                    return null;
                }

                Edit(key);
                Redraw();
            }
        }
    }

    public override void Write(string text)
    {
        lock (_gate)
        {
            Console.Write(EraseLine);
            AnsiConsole.Console.WriteLine(text, text[0] is '*' or '?' ? new Style(Color.Grey) : text[0] == '!' ? new Style(Color.Red) : Style.Plain);
            Redraw();
        }
    }

    public override void Close()
    {
        _isReading = false;
        Redraw();
    }

    private void Edit(ConsoleKeyInfo key)
    {
        switch (key)
        {
            case { Key: ConsoleKey.Backspace } when _typed.Length > 0:
                _typed.Length = StringInfo.ParseCombiningCharacters(_typed.ToString())[^1]; // a letter with all that is on it
                break;
            case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                _typed.Clear();
                break;
            case { Key: ConsoleKey.W, Modifiers: ConsoleModifiers.Control }:
                _typed.Length = _typed.ToString().TrimEnd().LastIndexOf(' ') + 1;
                break;
            case { KeyChar: var character } when !char.IsControl(character):
                _typed.Append(character);
                break;
        }
    }

    /// <summary>Shows the end of what is typed, as much as fits in the line: letters of some scripts are two cells wide.</summary>
    private void Redraw()
    {
        lock (_gate)
        {
            var shown = new StringInfo(_typed.ToString());
            int first = 0;
            while (first < shown.LengthInTextElements && new Segment(shown.SubstringByTextElements(first)).CellCount() > AnsiConsole.Profile.Width - Prompt.Length - 1)
            {
                first++;
            }

            Console.Write(!_isReading ? EraseLine : EraseLine + Prompt + (first < shown.LengthInTextElements ? shown.SubstringByTextElements(first) : ""));
        }
    }
}
