using System.Reflection;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Presence.Tests;

/// <summary>
/// Every option of a class, bound from configuration: absent, present and null, and each with each other in both orders. The binder sets options that are absent too, to
/// what it read from them, so an option that is computed from another must not take that for having been set.
/// </summary>
/// <param name="samples">Each option, with JSON for it and the value that is.</param>
/// <param name="inCode">The options that are for code only.</param>
public abstract class OptionBindingTests<T>(IReadOnlyDictionary<string, (string Json, object Value)> samples, params string[] inCode)
    where T : class, new()
{
    private static readonly PropertyInfo[] Options = [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(option => option.CanWrite)];

    [Test]
    public void Options_AllOfThem_AreTestedHere() =>
        Assert.That(samples.Keys.Concat(inCode), Is.EquivalentTo(Options.Select(option => option.Name)));

    [Test]
    public void Bind_OfNothing_LeavesTheDefaults()
    {
        AssertEqual(Bind("{}"), new T(), "");
        AssertEqual(Bind("""{ "Unknown": 1 }"""), new T(), "with a section");
    }

    [Test]
    public void Bind_OfOneOption_SetsItAndNoOther()
    {
        foreach (PropertyInfo option in Options.Where(option => samples.ContainsKey(option.Name)))
        {
            T expected = new();
            option.SetValue(expected, samples[option.Name].Value);

            AssertEqual(Bind($"{{ {Json(option.Name)} }}"), expected, option.Name);
            Assert.That(option.GetValue(expected), Is.Not.EqualTo(option.GetValue(new T())), $"a sample of {option.Name} that is not its default");
        }
    }

    [Test]
    public void Bind_OfNull_IsNullOrZeroAndChangesNoOther()
    {
        foreach (PropertyInfo option in Options.Where(option => samples.ContainsKey(option.Name)))
        {
            T expected = new();
            if (option.PropertyType.IsValueType || option.PropertyType == typeof(string)) // the binder leaves other objects alone
            {
                option.SetValue(expected, null); // for a value type that is its zero, with reflection as with the binder
            }

            AssertEqual(Bind($"{{ \"{option.Name}\": null }}"), expected, option.Name);
        }
    }

    [Test]
    public void Bind_OfTwoOptionsInEitherOrder_SetsBoth()
    {
        foreach (string first in samples.Keys)
        {
            foreach (string second in samples.Keys.Where(second => second != first))
            {
                T expected = new();
                typeof(T).GetProperty(first)!.SetValue(expected, samples[first].Value);
                typeof(T).GetProperty(second)!.SetValue(expected, samples[second].Value);

                AssertEqual(Bind($"{{ {Json(first)}, {Json(second)} }}"), expected, $"{first} with {second}");
                AssertEqual(Bind($"{{ {Json(first)} }}", $"{{ {Json(second)} }}"), expected, $"{first}, then {second}");
            }
        }
    }

    private string Json(string option) => $"\"{option}\": {samples[option].Json}";

    protected static T Bind(params string[] documents)
    {
        T options = new();
        foreach (string json in documents)
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes($"{{ \"Section\": {json} }}"));
            new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection("Section").Bind(options);
        }

        return options;
    }

    private static void AssertEqual(T bound, T expected, string what) => Assert.Multiple(() =>
    {
        foreach (PropertyInfo option in Options)
        {
            Assert.That(option.GetValue(bound), Is.EqualTo(option.GetValue(expected)), $"{option.Name}, after {what}");
        }
    });
}
