using System.Text.RegularExpressions;

namespace ChatServer.Tests;

/// <summary>What makes the sample one that is read and copied.</summary>
public sealed partial class SampleTests
{
    private const int MostLines = 100;

    private static readonly string Samples = Path.GetFullPath(Path.Combine(ChildProcess.FolderOf("ChatServer"), "../../../.."));

    private static readonly string[] PlacesOfWords = ["ChatServer/Words/Complaints.cs", "ChatServer/Words/Errors.cs", "ChatServer/Words/Help.cs", "ChatServer/Words/Log.cs", "ChatClient/Words.cs"];

    private static IEnumerable<string> Sources => new[] { "ChatServer", "ChatClient" }
        .SelectMany(program => Directory.EnumerateFiles(Path.Combine(Samples, program), "*.cs", SearchOption.AllDirectories))
        .Select(path => Path.GetRelativePath(Samples, path).Replace('\\', '/'))
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    [Test]
    public void File_OfTheSample_HasUnderAHundredLines() =>
        Assert.That(Sources.Where(path => File.ReadLines(Path.Combine(Samples, path)).Count() >= MostLines), Is.Empty);

    [Test]
    public void Walk_OfTheReadme_HasTenStepsEachToAFileThatExists()
    {
        string readme = File.ReadAllText(Path.Combine(Samples, "ChatServer/README.md"));
        string walk = readme[readme.IndexOf("## Ten steps", StringComparison.Ordinal)..];
        Match[] steps = Step().Matches(walk).ToArray();
        Assert.That(steps.Select(step => step.Groups["number"].Value), Is.EqualTo(Enumerable.Range(1, 10).Select(number => $"{number}")));
        foreach (Match step in steps)
        {
            string path = Path.Combine(Samples, "ChatServer", step.Groups["file"].Value);
            Assert.That(path, Does.Exist);
            Assert.That(File.ReadLines(path).Count(), Is.LessThan(MostLines), path);
        }
    }

    /// <summary>Three words or more between quotation marks are for people to read.</summary>
    [Test]
    public void Words_ThatAUserReads_StandInOnePlace()
    {
        string[] elsewhere =
        [
            .. Sources.Except(PlacesOfWords).SelectMany(path => File.ReadLines(Path.Combine(Samples, path))
                .Where(line => Literal().Matches(Comment().Replace(line, "")).Any(literal => Prose().IsMatch(literal.Value))).Select(line => $"{path}: {line.Trim()}")),
        ];
        Assert.That(elsewhere, Is.Empty);
        Assert.That(PlacesOfWords, Is.SubsetOf(Sources));
    }

    [GeneratedRegex(@"^(?<number>\d+)\. .*?\]\((?<file>[^)#]+)\)", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\p{L}+ \p{L}+ \p{L}+")]
    private static partial Regex Prose();
}
