namespace Presence.Tests;

[TestFixture]
public sealed class RegistrationsTests
{
    private Registrations<object> _registrations = null!;

    [SetUp]
    public void SetUp() => _registrations = new Registrations<object>();

    [Test]
    public void Add_OfAnItemThatKnowsItsRegistration_ShowsItToOthersOnlyThen()
    {
        int shown = -1;
        IDisposable? known = null;
        object added = _registrations.Add(registration =>
        {
            known = registration;
            shown = _registrations.Current.Length;
            return new object();
        });

        Assert.That(shown, Is.Zero, "while it is made");
        Assert.That(_registrations.Current, Is.EqualTo(new[] { added }));
        known!.Dispose();
        Assert.That(_registrations.Current, Is.Empty);
    }

    [Test]
    public void Dispose_OfOneOfTwoRegistrationsOfAnItem_LeavesTheOther()
    {
        object item = new();
        IDisposable first = _registrations.Add(item);
        using IDisposable second = _registrations.Add(item);

        first.Dispose();
        first.Dispose();

        Assert.That(_registrations.Current, Is.EqualTo(new[] { item }));
    }
}
