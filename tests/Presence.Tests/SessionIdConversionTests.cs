using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Presence.Tests;

/// <summary>A session id on its way through text, JSON and HTTP.</summary>
[TestFixture]
public sealed partial class SessionIdConversionTests
{
    private const string Text = "0123456789abcdef";

    private static readonly SessionId Session = new(0x0123456789abcdef);

    [TestCase(Text)]
    [TestCase("0123456789ABCDEF")]
    public void Parse_Of16Digits_IsTheId(string text)
    {
        Assert.That(ParseAsText<SessionId>(text), Is.EqualTo((Session, Session, true)));
        Assert.That(SessionId.Parse(text), Is.EqualTo(Session));
        Assert.That(ParseAsSpan<SessionId>(text), Is.EqualTo((Session, Session, true)));
    }

    [TestCase("")]
    [TestCase("123")]
    [TestCase("0123456789abcdeg")]
    public void Parse_OfAnythingElse_Throws(string text)
    {
        Assert.That(() => ParseAsText<SessionId>(text), Throws.InstanceOf<FormatException>());
        Assert.That(() => ParseAsSpan<SessionId>(text), Throws.InstanceOf<FormatException>());
        Assert.That(SessionId.TryParse(text, CultureInfo.InvariantCulture, out SessionId session), Is.False);
        Assert.That(session, Is.EqualTo(SessionId.None));
    }

    [Test]
    public void Parse_OfNull_ThrowsAndTryParseDoesNot()
    {
        Assert.That(() => ParseAsText<SessionId>(null!), Throws.ArgumentNullException);
        Assert.That(SessionId.TryParse(null, null, out _), Is.False);
    }

    [Test]
    public void Format_InAString_IsTheDigits()
    {
        Span<char> exact = stackalloc char[16];
        Span<char> tooShort = stackalloc char[15];
        bool fits = TryFormat(Session, exact, "", out int written);

        Assert.That((fits, written, exact.ToString()), Is.EqualTo((true, 16, Text)));
        Assert.That(TryFormat(Session, tooShort, "", out _), Is.False);
        Assert.That($"<{Session}>", Is.EqualTo($"<{Text}>"));
        Assert.That(string.Format(CultureInfo.InvariantCulture, "{0}", Session), Is.EqualTo(Text));
        Assert.That(() => $"{Session:G}", Throws.InstanceOf<FormatException>());
        Assert.That(() => ((IFormattable)Session).ToString("x", null), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public void Json_OfAnId_IsTheDigits([Values] bool generated)
    {
        var message = new Message(Session, null, new() { [Session] = 1 });
        const string Json = $$$"""{"Session":"{{{Text}}}","Other":null,"Counts":{"{{{Text}}}":1}}""";

        Assert.That(Serialize(message, generated), Is.EqualTo(Json));
        Message read = Deserialize(Json, generated);
        Assert.That((read.Session, read.Other, read.Counts[Session]), Is.EqualTo((Session, (SessionId?)null, 1)));
    }

    [TestCase("\"0123456789abcde\"")]
    [TestCase("\"\"")]
    [TestCase("81985529216486895")]
    [TestCase("null")]
    [TestCase("{\"Value\":1}")]
    public void Json_OfAnythingElse_IsRefused(string json) =>
        Assert.That(() => JsonSerializer.Deserialize<SessionId>(json), Throws.InstanceOf<JsonException>());

    [Test]
    public void Json_OfADictionaryWithAnotherKey_IsRefused() =>
        Assert.That(() => JsonSerializer.Deserialize<Dictionary<SessionId, int>>("""{"a":1}"""), Throws.InstanceOf<JsonException>());

    [Test]
    public async Task Route_WithAnId_BindsItAndAnswersWithIt()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/sessions/{session}", (SessionId session, SessionId? other) => new[] { session, other ?? SessionId.None });
        await app.StartAsync();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var client = new HttpClient { BaseAddress = new Uri(address) };

        SessionId[]? answer = await client.GetFromJsonAsync<SessionId[]>($"/sessions/{Session}?other={new SessionId(1)}");
        HttpResponseMessage refused = await client.GetAsync("/sessions/nobody");

        Assert.That(answer, Is.EqualTo(new[] { Session, new SessionId(1) }));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private static (T, T, bool) ParseAsText<T>(string text)
        where T : IParsable<T> => (T.Parse(text, CultureInfo.InvariantCulture), T.TryParse(text, null, out T? parsed) ? parsed : default!, parsed is not null);

    private static (T, T, bool) ParseAsSpan<T>(ReadOnlySpan<char> text)
        where T : ISpanParsable<T> => (T.Parse(text, CultureInfo.InvariantCulture), T.TryParse(text, null, out T? parsed) ? parsed : default!, parsed is not null);

    private static bool TryFormat<T>(T value, Span<char> destination, ReadOnlySpan<char> format, out int written)
        where T : ISpanFormattable => value.TryFormat(destination, out written, format, null);

    private static string Serialize(Message message, bool generated) =>
        generated ? JsonSerializer.Serialize(message, Generated.Default.Message) : JsonSerializer.Serialize(message);

    private static Message Deserialize(string json, bool generated) =>
        (generated ? JsonSerializer.Deserialize(json, Generated.Default.Message) : JsonSerializer.Deserialize<Message>(json))!;

    internal sealed record Message(SessionId Session, SessionId? Other, Dictionary<SessionId, int> Counts);

    /// <summary>As ahead-of-time builds serialize.</summary>
    [JsonSerializable(typeof(Message))]
    private sealed partial class Generated : JsonSerializerContext;
}
