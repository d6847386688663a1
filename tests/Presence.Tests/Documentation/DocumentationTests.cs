using System.Text.RegularExpressions;

namespace Presence.Tests.Documentation;

/// <summary>Every C# snippet of the documents stands in this folder too, where it compiles and runs as part of a test.</summary>
[TestFixture]
public sealed partial class DocumentationTests
{
    private static readonly string Root = RepositoryRoot.Path;

    private static readonly Lazy<string> Compiled = new(() => string.Join('\n', Directory
        .GetFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
        .Where(file => file.Contains("Documentation", StringComparison.Ordinal))
        .Select(file => Normalize(File.ReadAllText(file)))));

    private static IEnumerable<TestCaseData> Snippets() =>
        from file in Directory.GetFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md"))
        from snippet in SnippetPattern().Matches(File.ReadAllText(file)).Select((match, index) => (Text: match.Groups[1].Value, Number: index + 1))
        select new TestCaseData(snippet.Text).SetArgDisplayNames(Path.GetFileName(file), $"{snippet.Number}");

    [TestCaseSource(nameof(Snippets))]
    public void Snippet_OfADocument_StandsInATest(string snippet) => Assert.That(Compiled.Value, Does.Contain(Normalize(snippet)));

    /// <summary>Without indentation, blank lines and trailing comments, in which a page may differ from a test.</summary>
    private static string Normalize(string code) =>
        string.Join('\n', code.Split('\n').Select(line => CommentPattern().Replace(line, "").Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex SnippetPattern();

    [GeneratedRegex("(^|\\s)//.*$")]
    private static partial Regex CommentPattern();
}
