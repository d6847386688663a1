using Presence.AspNetCore.Tests.Browsers;

namespace Presence.AspNetCore.Tests.Script;

/// <summary>The package's script, apart from browsers.</summary>
[TestFixture]
public sealed class ScriptTests
{
    private const string SignalR = "@microsoft/signalr@10.0.11";
    private const string TypeScript = "typescript@5.9.3";

    private static readonly string Root = FindRoot();
    private static readonly string Assets = Path.Combine(Root, "src/Presence.AspNetCore/wwwroot");
    private static readonly string Here = Path.Combine(Root, "tests/Presence.AspNetCore.Tests/Script");

    [Test]
    public void Script_InBytes_IsUnder6KiB() => Assert.That(new FileInfo(Path.Combine(Assets, "presence.js")).Length, Is.LessThan(6 * 1024));

    [Test]
    [Category("BeyondSdk")]
    public async Task Script_InNode_PassesItsOwnTests()
    {
        string node = Tools.Need("node", "nodejs");

        string written = await Tools.RunAsync("/usr/bin/env", Here, $"PRESENCE_SCRIPT={Path.Combine(Assets, "presence.js")}", node, "--no-warnings", "--test", "--test-reporter=tap", "presence.test.mjs");

        Assert.That(written, Does.Contain("# fail 0").And.Contain("# pass 8"));
    }

    [Test]
    [Category("BeyondSdk")]
    public async Task Types_OfTheScript_AreThoseOfItsUse()
    {
        Tools.Need("node", "nodejs");
        string npm = Tools.Need("npm", "npm");
        string folder = Directory.CreateTempSubdirectory("presence").FullName;
        try
        {
            await Tools.RunAsync(npm, folder, "install", "--no-audit", "--no-fund", SignalR, TypeScript);
            foreach (string file in (string[])[Path.Combine(Assets, "presence.js"), Path.Combine(Assets, "presence.d.ts"), Path.Combine(Here, "usage.ts")])
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            string[] options = ["--noEmit", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler"];
            await Tools.RunAsync(Path.Combine(folder, "node_modules/.bin/tsc"), folder, [.. options, "usage.ts"]);
            File.Delete(Path.Combine(folder, "presence.d.ts"));
            await Tools.RunAsync(Path.Combine(folder, "node_modules/.bin/tsc"), folder, [.. options, "--checkJs", "--strict", "false", "--lib", "es2022,dom", "presence.js"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string FindRoot()
    {
        string root = TestContext.CurrentContext.TestDirectory;
        while (!File.Exists(Path.Combine(root, "Presence.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        return root;
    }
}
