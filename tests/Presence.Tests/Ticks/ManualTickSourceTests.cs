namespace Presence.Tests.Ticks;

[TestFixture]
public sealed class ManualTickSourceTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public void Advance_PushesThatManyTicksToEverySubscriber(int count)
    {
        var source = new ManualTickSource();
        var first = new List<Tick>();
        var second = new List<Tick>();
        using IDisposable a = source.Subscribe(first.Add);
        using IDisposable b = source.Subscribe(second.Add);

        source.Advance(count);

        Assert.That((first.Count, second.Count), Is.EqualTo((count, count)));
    }

    [Test]
    public void AdvanceLate_PushesOneLateTick()
    {
        var source = new ManualTickSource();
        var ticks = new List<Tick>();
        using IDisposable subscription = source.Subscribe(ticks.Add);

        source.AdvanceLate(TimeSpan.FromSeconds(30));

        Assert.That(ticks, Is.EqualTo(new[] { new Tick { Delay = TimeSpan.FromSeconds(30), IsLate = true } }));
    }

    [Test]
    public void Subscription_DisposedDuringATick_GetsNoFurtherOne()
    {
        var source = new ManualTickSource();
        int ticks = 0;
        IDisposable? subscription = null;
        subscription = source.Subscribe(_ =>
        {
            ticks++;
            subscription!.Dispose();
        });

        source.Advance(3);

        Assert.That(ticks, Is.EqualTo(1));
    }

    [Test]
    public void Advance_ByLessThanNothing_Throws() =>
        Assert.That(() => new ManualTickSource().Advance(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(0)]
    [TestCase(-1)]
    public void AdvanceLate_ByNothingOrLess_Throws(int seconds) =>
        Assert.That(() => new ManualTickSource().AdvanceLate(TimeSpan.FromSeconds(seconds)), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
