namespace ChatServer.Tests;

public sealed class LoginTimeoutTests
{
    [Test]
    public async Task Connection_WithoutLogin_IsToldAndClosed()
    {
        await using TestServer server = await TestServer.StartAsync("--login-timeout", "00:00:00.3");
        using TestClient user = await server.LogInAsync("user");
        using TestClient silent = await server.ConnectAsync();
        Assert.That(await silent.ReadErrorAsync(), Is.EqualTo("login-timeout"));
        await silent.ReadToEndAsync();
        Assert.That(await user.WhoAsync(), Is.EqualTo(["user"])); // which has been there for longer than that
    }
}
