using System.Text.Json;
using ChatClient;

namespace ChatServer.Tests;

/// <summary>What a stranger's words may do to the terminal of whoever reads them: nothing.</summary>
public sealed class ScreenTests
{
    [TestCase("\u001b")]
    [TestCase("\r")]
    [TestCase("\u009b")]
    [TestCase("\u061c")] // bidirectional controls
    [TestCase("\u200e")]
    [TestCase("\u200f")]
    [TestCase("\u202a")]
    [TestCase("\u202b")]
    [TestCase("\u202c")]
    [TestCase("\u202d")]
    [TestCase("\u202e")]
    [TestCase("\u2066")]
    [TestCase("\u2067")]
    [TestCase("\u2068")]
    [TestCase("\u2069")]
    [TestCase("\u2028")] // line and paragraph
    [TestCase("\u2029")]
    public void Show_WhatATerminalObeys_IsReplaced(string control)
    {
        string json = JsonSerializer.Serialize(new { type = "say", from = "bob", text = $"a{control}b" });
        Assert.That(Screen.Show(JsonElement.Parse(json)), Is.EqualTo("<bob> a\uFFFDb"));
    }

    [TestCase("שלום")]
    [TestCase("سلام")]
    [TestCase("👨‍👩‍👧")] // joined by U+200D
    public void Show_WhatIsOnlyRead_IsLeft(string text)
    {
        string json = JsonSerializer.Serialize(new { type = "say", from = "bob", text });
        Assert.That(Screen.Show(JsonElement.Parse(json)), Is.EqualTo($"<bob> {text}"));
    }
}
