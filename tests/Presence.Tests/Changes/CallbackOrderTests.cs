using System.Collections.Concurrent;
using CsCheck;

namespace Presence.Tests.Changes;

/// <summary>For one client id all callbacks of all registrations see one order: nobody is told what happened later before everybody was told what happened earlier.</summary>
[TestFixture]
public sealed class CallbackOrderTests
{
    private static readonly int Relogins = TestScale.Of(20_000, 200_000);

    [Test]
    public async Task OnChange_WhileAnotherRegistrationIsStillToldOfTheEndBefore_WaitsForIt([Values] bool laterKindIsRegisteredFirst)
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        var offlineBegan = new TaskCompletionSource();
        var writesOffline = new TaskCompletionSource();
        string stored = "";
        IDisposable[] registrations = laterKindIsRegisteredFirst ? [WriteOnline(), WriteOffline()] : [WriteOffline(), WriteOnline()];
        tracker.Join("zhangsan");
        await tracker.WhenCallbacksDoneAsync();
        ticks.Advance(6);
        await offlineBegan.Task;

        tracker.Join("zhangsan");
        tracker.Join("lisi"); // once this one is told, there was time for the other
        await WhenToldAsync(tracker, "lisi");
        Assert.That(stored, Is.EqualTo("online lisi"));
        writesOffline.SetResult();
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(stored, Is.EqualTo("online zhangsan"));
        Array.ForEach(registrations, registration => registration.Dispose());

        IDisposable WriteOffline() => tracker.OnClientExpired(async change =>
        {
            offlineBegan.SetResult();
            await writesOffline.Task;
            stored = $"offline {change.ClientId}";
        });

        IDisposable WriteOnline() => tracker.OnChange(PresenceChanges.Joined, change =>
        {
            stored = $"online {change.ClientId}";
            return default;
        });
    }

    [Test]
    public async Task OnChange_WithSixRegistrations_TellsInstantReloginsInOneOrder()
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        var told = new Log();
        for (int i = 0; i < 6; i++)
        {
            PresenceChanges kinds = (i % 3) switch { 0 => PresenceChanges.Left, 1 => PresenceChanges.Joined, _ => PresenceChanges.All };
            tracker.OnChange(kinds, change =>
            {
                told.Begin(change);
                told.End(change);
                return default;
            });
        }

        for (int i = 0; i < Relogins; i++)
        {
            tracker.Join("zhangsan");
            tracker.Leave("zhangsan");
        }

        await tracker.WhenCallbacksDoneAsync();

        Assert.That(told.Faults, Is.Empty);
        Assert.That(told.Begun, Is.EqualTo(2 * 4 * Relogins));
    }

    /// <summary>A change that comes just as the client's last delivery ends starts a new chain, which nobody must tear.</summary>
    [Test]
    public async Task OnChange_WhenChangesComeAsTheLastOneWasTold_TellsThemOneAtATime()
    {
        await using var tracker = new PresenceTracker(tickSource: new ManualTickSource());
        var told = new Log();
        int toCome = 0;
        tracker.OnChange(PresenceChanges.Joined | PresenceChanges.Left, change =>
        {
            told.Begin(change);
            Interlocked.Decrement(ref toCome);
            Thread.SpinWait(50);
            told.End(change);
            return default;
        });
        var random = new Random(1);
        for (int i = 0; i < TestScale.Of(20_000, 400_000); i++)
        {
            Interlocked.Add(ref toCome, 3);
            tracker.Join("zhangsan");
            Spin(2); // it is being told: what is left of its delivery is its end
            Thread.SpinWait(random.Next(200));
            tracker.Leave("zhangsan");
            tracker.Join("zhangsan");
            tracker.EndReplaced(tracker.TryGetClient("zhangsan", out ClientStatus status) ? status.Session : default);
            Spin(0);
            Thread.SpinWait(random.Next(200));
        }

        await tracker.WhenCallbacksDoneAsync();
        Assert.That(told.Faults, Is.Empty);

        void Spin(int left)
        {
            while (Volatile.Read(ref toCome) > left)
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Whatever the callbacks do and whoever registers for what: no change is told while an earlier one of its client still is.</summary>
    [Test]
    public void OnChange_WithCallbacksThatYieldBlockAndThrow_TellsEachClientsChangesOneAtATime() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 1_000_000]).Sample(
            (registrations, seed) => TellAsync(registrations, new Random(seed)).GetAwaiter().GetResult(), iter: TestScale.Of(200, 20_000), threads: 1);

    private static async Task TellAsync(int registrations, Random random)
    {
        var ticks = new ManualTickSource();
        await using var tracker = new PresenceTracker(tickSource: ticks);
        var told = new Log();
        for (int i = 0; i < registrations; i++)
        {
            int salt = random.Next();
            tracker.OnChange((PresenceChanges)random.Next(1, (int)PresenceChanges.All), async change =>
            {
                told.Begin(change);
                switch (HashCode.Combine(change.Session, change.Kind, salt) & 3)
                {
                    case 0:
                        await Task.Yield();
                        break;
                    case 1:
                        Thread.SpinWait(200);
                        break;
                    case 2:
                        told.End(change);
                        throw new InvalidOperationException("on purpose");
                    default:
                        break;
                }

                told.End(change);
            });
        }

        Parallel.For(0, 2, thread =>
        {
            for (int i = 0; i < 100; i++)
            {
                string clientId = $"client {(i + thread) % 3}";
                tracker.Join(clientId);
                if (i % 3 == 0)
                {
                    tracker.Leave(clientId);
                }

                if (i % 10 == 0)
                {
                    ticks.Advance(6);
                }
            }
        });
        await tracker.WhenCallbacksDoneAsync();

        Assert.That(told.Faults, Is.Empty);
    }

    private static async Task WhenToldAsync(PresenceTracker tracker, string clientId)
    {
        var told = new TaskCompletionSource();
        using IDisposable registration = tracker.OnChange(PresenceChanges.Left, change =>
        {
            if (change.ClientId == clientId)
            {
                told.SetResult();
            }

            return default;
        });
        tracker.Leave(clientId);
        await told.Task;
    }

    /// <summary>Notes which change of each client is being told, and by how many callbacks.</summary>
    private sealed class Log
    {
        private readonly Dictionary<string, (PresenceChange Change, int Running)> _current = [];

        public ConcurrentQueue<string> Faults { get; } = new();

        public int Begun { get; private set; }

        public void Begin(PresenceChange change)
        {
            lock (_current)
            {
                Begun++;
                (PresenceChange other, int running) = _current.GetValueOrDefault(change.ClientId);
                bool isSame = other.Session == change.Session && other.Kind == change.Kind;
                if (running > 0 && !isSame)
                {
                    Faults.Enqueue($"{change.Kind} of {change.Session} was told while {other.Kind} of {other.Session} was");
                }

                _current[change.ClientId] = (change, isSame ? running + 1 : 1);
            }
        }

        public void End(PresenceChange change)
        {
            lock (_current)
            {
                (PresenceChange current, int running) = _current[change.ClientId];
                _current[change.ClientId] = (current, running - 1);
            }
        }
    }
}
