using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace ChatServer.Tests;

/// <summary>The chat over TLS, and what can be wrong with a certificate.</summary>
public sealed class TlsTests
{
    private const int Limit = 5;
    private const string Password = "correct horse";

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("chat").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Chat_WithADevelopmentCertificate_WorksFromLoginToExpiry()
    {
        await using TestServer server = await TestServer.StartAsync("--dev-cert", "--expire-after", $"{Limit}");
        await AssertChatWorksAsync(server);
    }

    [TestCase(Password)]
    [TestCase(null)]
    public async Task Chat_WithACertificateOfAFile_WorksFromLoginToExpiry(string? password)
    {
        string[] settings = ["--cert", WriteCertificate(password), "--expire-after", $"{Limit}"];
        await using TestServer server = await TestServer.StartAsync(password is null ? settings : [.. settings, "--cert-password", password]);
        await AssertChatWorksAsync(server);
    }

    [Test]
    public async Task Client_InClearText_IsClosedAndOthersAreServed()
    {
        await using TestServer server = await TestServer.StartAsync("--dev-cert");
        using TestClient clear = await TestClient.ConnectAsync(server.TcpPort);
        await clear.SendAsync(new { type = "login", user = "clear" });
        await clear.ReadToEndAsync();
        using TestClient client = await server.ConnectAsync();
        JsonElement welcome = await client.LogInAsync("client");
        Assert.That(welcome.GetProperty("online").GetRawText(), Is.EqualTo("""["client"]"""));
    }

    [Test]
    public async Task Reader_ThatDoesNotRead_IsCutOffAsWithoutTls()
    {
        await using TestServer server = await TestServer.StartAsync("--dev-cert", "--set", "Chat:MaxUnsentBytes=65536");
        using TestClient deaf = await server.LogInAsync("deaf");
        using TestClient speaker = await server.LogInAsync("speaker");
        string text = new('x', 4000);
        string heard = "say";
        for (int said = 0; said < 20_000 && heard == "say"; said++)
        {
            await speaker.SendAsync(new { type = "say", text });
            heard = (await speaker.ReadAsync()).GetProperty("type").GetString()!;
        }

        Assert.That(heard, Is.EqualTo("left"));
    }

    [Test]
    public void Certificate_WithAWrongPassword_IsRefusedWithoutTellingThePassword() => Assert.That(
        () => TestServer.Create(["--cert", WriteCertificate(Password), "--cert-password", "wrong donkey"]),
        Throws.TypeOf<StartException>().With.Message.Contains("Chat:CertPassword").And.Message.Not.Contains("donkey"));

    [Test]
    public void Certificate_ThatIsMissing_IsNamed() => Assert.That(
        () => TestServer.Create(["--cert", Path.Combine(_folder, "missing.pfx")]), Throws.TypeOf<StartException>().With.Message.Contains("missing.pfx' cannot be read"));

    [TestCase("no certificate")]
    [TestCase("")]
    public void Certificate_ThatIsNone_IsNamed(string content)
    {
        string path = Path.Combine(_folder, "server.pfx");
        File.WriteAllText(path, content);
        Assert.That(() => TestServer.Create(["--cert", path]), Throws.TypeOf<StartException>().With.Message.Contains("server.pfx' cannot be read"));
    }

    [Test]
    public void Certificate_WithoutItsKey_IsRefused()
    {
        using X509Certificate2 certificate = MakeCertificate();
        using X509Certificate2 withoutKey = X509CertificateLoader.LoadCertificate(certificate.RawData);
        string path = Path.Combine(_folder, "server.pfx");
        File.WriteAllBytes(path, withoutKey.Export(X509ContentType.Pfx));
        Assert.That(() => TestServer.Create(["--cert", path]), Throws.TypeOf<StartException>().With.Message.Contains("has no private key"));
    }

    [Test]
    public void Certificate_OfAFileAndForDevelopment_IsRefused() => Assert.That(
        () => TestServer.Create(["--dev-cert", "--cert", "server.pfx"]), Throws.TypeOf<OptionsValidationException>().With.Message.Contains("Chat:DevCert"));

    /// <summary>Logs in, talks, beats over UDP, and falls silent.</summary>
    private static async Task AssertChatWorksAsync(TestServer server)
    {
        using TestClient observer = await server.LogInAsync("observer");
        using TestClient client = await server.LogInAsync("client");
        await observer.ReadAsync("joined");
        await client.SendAsync(new { type = "say", text = "你好" });
        Assert.That((await observer.ReadAsync("say")).GetProperty("text").GetString(), Is.EqualTo("你好"));

        server.Ticks.Advance(Limit);
        await server.BeatAsync(client);
        await server.BeatAsync(observer);
        server.Ticks.Advance(Limit);
        await server.BeatAsync(observer);
        server.Ticks.Advance();
        Assert.That(await observer.ReadLeftAsync(), Is.EqualTo("client expired"));
        await client.ReadAsync("say");
        Assert.That(await client.ReadErrorAsync(), Is.EqualTo("expired"));
        await client.ReadToEndAsync();
        await Wait.UntilAsync(() => server.Connections == 1);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private string WriteCertificate(string? password)
    {
        using X509Certificate2 certificate = MakeCertificate();
        string path = Path.Combine(_folder, "server.pfx");
        File.WriteAllBytes(path, certificate.Export(X509ContentType.Pfx, password));
        return path;
    }
}
