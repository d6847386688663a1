using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace Presence.Tests;

/// <summary>What a stranger finds in the package.</summary>
[TestFixture("Presence", "Microsoft.Extensions.Options", "Microsoft.Extensions.Logging.Abstractions")]
[TestFixture("Presence.AspNetCore", "Presence")]
[TestFixture("Presence.Udp", "Presence", "Microsoft.Extensions.Hosting.Abstractions")]
[TestFixture("Presence.Udp.Client", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Bcl.TimeProvider")] // for .NET 10, and for .NET Standard
public sealed class PackageTests(string id, params string[] dependencies)
{
    private string _folder = null!;
    private XElement _metadata = null!;
    private string[] _files = null!;

    [OneTimeSetUp]
    public void Pack()
    {
        _folder = Directory.CreateTempSubdirectory("presence").FullName;
        string project = Path.Combine(RepositoryRoot.Path, "src", id);
        using Process pack = Process.Start("dotnet", ["pack", project, "-c", "Release", "-o", _folder, "-v", "quiet"]);
        pack.WaitForExit();
        Assert.That(pack.ExitCode, Is.Zero);

        using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(_folder, "*.nupkg").Single());
        _files = [.. package.Entries.Select(entry => entry.FullName)];
        using Stream nuspec = package.Entries.Single(entry => entry.Name == $"{id}.nuspec").Open();
        _metadata = XElement.Load(nuspec).Elements().Single();
    }

    [OneTimeTearDown]
    public void Delete() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Package_ForAStranger_HasCodeDocumentationReadmeAndLicence()
    {
        Assert.That(_files, Is.SupersetOf(new[] { $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", "README.md" }));
        Assert.That((Of("id"), Of("license"), Of("readme")), Is.EqualTo((id, "MIT", "README.md")));
        Assert.That(Of("description"), Is.Not.Empty);
    }

    [Test]
    public void Package_ForItsDependents_BringsNothingElseThanItSays() =>
        Assert.That(
            _metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value),
            Is.EquivalentTo(dependencies));

    [Test]
    public void SymbolPackage_BesideThePackage_HasTheSymbols()
    {
        using ZipArchive symbols = ZipFile.OpenRead(Directory.GetFiles(_folder, "*.snupkg").Single());

        Assert.That(symbols.Entries.Select(entry => entry.FullName), Does.Contain($"lib/net10.0/{id}.pdb"));
    }

    private string? Of(string element) => _metadata.Elements().SingleOrDefault(child => child.Name.LocalName == element)?.Value;
}
