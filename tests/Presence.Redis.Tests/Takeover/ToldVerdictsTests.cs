using Presence.Redis.Store;
using Presence.Redis.Takeover;

namespace Presence.Redis.Tests.Takeover;

public class ToldVerdictsTests
{
    private static readonly Verdict Ann = new(Shard: 0, "ann", Token: 1);

    private readonly ToldVerdicts _told = new();

    [Test]
    public void TryTell_SettledAndNamedAgainByAnOlderAnswer_IsFalse()
    {
        Assert.That(_told.TryTell(Ann));
        Assert.That(_told.HasUnsettled);

        _told.Settle(Ann);

        Assert.That(_told.TryTell(Ann), Is.False);
        Assert.That(_told.HasUnsettled, Is.False);
        _told.ForgetSettled();
        Assert.That(_told.TryTell(Ann));
        _told.ForgetSettled();
        Assert.That(_told.TryTell(Ann), Is.False, "it is not settled");
    }
}
