using System.Reflection;
using NUnit.Framework.Internal;
using Presence.Redis.Store;
using Presence.Redis.Tests.Stores;

namespace Presence.Redis.Tests.Store;

/// <summary>Each guard of the scripts is dropped, and the tests of scripts must notice.</summary>
[TestFixture]
[Category("BeyondSdk")]
public class ScriptMutantTests
{
    /// <summary>What takes long and is about no guard.</summary>
    private static readonly string[] LeftOut = [nameof(ScriptTests.ClaimAsync_StoreGivesAllAtOnce_ClaimsAll), nameof(ScriptTests.ClaimAsync_OthersLeaveBetweenPages_ClaimsAll)];

    private ScriptTests _tests = null!;
    private ScriptFixture[] _fixtures = [];
    private StackExchange.Redis.ConnectionMultiplexer _connection = null!;

    private static IEnumerable<TestCaseData> Mutants()
    {
        yield return Mutant("register", StoreScripts.Register, "had[1] and had[1] ~= ARGV[3]", "false");
        yield return Mutant("register", StoreScripts.Register, "had[2] or redis.call('HEXISTS', KEYS[3], ARGV[4]) == 1", "false");
        yield return Mutant("register", StoreScripts.Register, "ARGV[5] ~= '' and redis.call('HDEL', KEYS[1], ARGV[5]) == 1", "false");
        yield return Mutant("open", StoreScripts.Open, "t[1] * 1000000 + t[2] > tonumber(ARGV[2])", "false");
        yield return Mutant("open", StoreScripts.Open, "HSETNX", "HSET");
        yield return Mutant("renew", StoreScripts.Renew, "if not had[5] then", "if false then");
        yield return Mutant("renew", StoreScripts.Renew, "now - seen > lease / 2", "false");
        yield return Mutant("renew", StoreScripts.Renew, "next and isPast and lapses < now", "next and lapses < now");
        yield return Mutant("renew", StoreScripts.Renew, "not redis.call('ZSCORE', KEYS[2], claimer)", "false");
        yield return Mutant("renew", StoreScripts.Renew, "claimer and claimer ~= me and not redis.call('ZSCORE', KEYS[2], claimer)", "claimer and claimer ~= me");
        yield return Mutant("check", StoreScripts.Check, "had[1] and tonumber(had[1]) >= tonumber(ARGV[2])", "had[1]");
        yield return Mutant("adopt", StoreScripts.Adopt, "redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 and not redis.call('ZSCORE', KEYS[2], ARGV[i]) and ", "");
        yield return Mutant("adopt", StoreScripts.Adopt, " and redis.call('HEXISTS', KEYS[3], ARGV[i]) == 0", "");
        yield return Mutant("adopt", StoreScripts.Adopt, "not redis.call('ZSCORE', KEYS[2], ARGV[1])", "false");
        yield return Mutant("leave", StoreScripts.Leave, "redis.call('ZCARD', KEYS[2]) == 0 and redis.call('HLEN', KEYS[3]) == 0", "redis.call('HLEN', KEYS[3]) == 0");
        yield return Mutant("leave", StoreScripts.Leave, "redis.call('ZCARD', KEYS[2]) == 0 and redis.call('HLEN', KEYS[3]) == 0", "redis.call('ZCARD', KEYS[2]) == 0");
        yield return Mutant("leave", StoreScripts.Leave, "not redis.call('ZSCORE', KEYS[2], ARGV[1])", "false");
        yield return Mutant("forget", StoreScripts.Forget, " and string.match(record, '^(%w+) ') == ARGV[1]", "");
        yield return Mutant("publish", StoreScripts.Publish, "not had[1] or tonumber(had[1]) < tonumber(ARGV[3])", "not had[1]");
        yield return Mutant("publish", StoreScripts.Publish, "if not had[1] or tonumber(had[1]) < tonumber(ARGV[3]) then", "had[1] = had[1] or '0'\nif tonumber(had[1]) < tonumber(ARGV[3]) then");
        yield return Mutant("publish", StoreScripts.Publish, "tonumber(had[1]) >= tonumber(ARGV[2])", "false");
        yield return Mutant("publish", StoreScripts.Publish, "kind == 'J' and stamp > delayed", "kind == 'J'");
        yield return Mutant("publish", StoreScripts.Publish, "mine and heldStamp >= stamp", "false");
        yield return Mutant("publish", StoreScripts.Publish, "epoch and min(heldStamp, token) > stamp", "epoch and heldStamp > stamp");
        yield return Mutant("publish", StoreScripts.Publish, "epoch and min(heldStamp, token) > stamp", "false");
        yield return Mutant("publish", StoreScripts.Publish, "by and by >= stamp", "by");
        yield return Mutant("publish", StoreScripts.Publish, "by and by >= stamp", "false");
        yield return Mutant("publish", StoreScripts.Publish, "known ~= ''", "false");
        yield return Mutant("publish", StoreScripts.Publish, "(was == '' or was == me) and stamp <= delayed", "false");
        yield return Mutant("publish", StoreScripts.Publish, "(was == '' or was == me) and stamp <= delayed", "was == '' and stamp <= delayed");
        yield return Mutant("publish", StoreScripts.Publish, "max(stamp, (before or 0) + 1)", "stamp");
        yield return Mutant("publish", StoreScripts.Publish, "was ~= '' and not epoch and stamp or 0", "0");
        yield return Mutant("publish", StoreScripts.Publish, "if not mine then\n            redis.call('ZADD'", "if false then\n            redis.call('ZADD'");
        yield return Mutant("publish", StoreScripts.Publish, "elseif mine and heldStamp <= stamp then", "elseif holder and heldStamp <= stamp then");
        yield return Mutant("publish", StoreScripts.Publish, "elseif mine and heldStamp <= stamp then", "elseif mine then");
        yield return Mutant("publish", StoreScripts.Publish, "or find(was, ',', 1, true)", "or false");
        yield return Mutant("publish", StoreScripts.Publish, "redis.call('HINCRBY', KEYS[2], 't:' .. epoch, #sessions)", "");
        yield return Mutant("publish", StoreScripts.Publish, "      if by then\n        know(was, id)", "      if false then\n        know(was, id)");
        yield return Mutant("claim", StoreScripts.Claim, "not redis.call('HGET', KEYS[2], 'e:' .. me)", "false");
        yield return Mutant("claim", StoreScripts.Claim, "redis.call('HDEL', KEYS[2], 'e:' .. dead, 't:' .. dead)", "");
        yield return Mutant("claim", StoreScripts.Claim, "and lost == '' and ARGV[7] == '1'", "and lost == ''");
        yield return Mutant("claim", StoreScripts.Claim, "epoch == dead and lost == '' and ARGV[7] == '1'", "epoch == dead and ARGV[7] == '1'");
        yield return Mutant("claim", StoreScripts.Claim, "epoch == dead or epoch == me and lost ~= ''", "epoch == dead or epoch == me");
        yield return Mutant("claim", StoreScripts.Claim, "lost = lost ~= '' and lost or dead", "lost = dead");
        yield return Mutant("inherit", StoreScripts.Inherit, "not redis.call('HGET', KEYS[2], 'e:' .. me)", "false");
        yield return Mutant("inherit", StoreScripts.Inherit, "page[2][i + 1] == dead", "page[2][i + 1] ~= me");
        yield return Mutant("verdict", StoreScripts.Verdict, "not redis.call('HGET', KEYS[2], 'e:' .. me)", "false");
        yield return Mutant("verdict", StoreScripts.Verdict, "t[1] * 1000000 + t[2] > tonumber(ARGV[2])", "false");
        yield return Mutant("verdict", StoreScripts.Verdict, "tonumber(stamp, 16) == tonumber(ARGV[3 * i + 4])", "true");
        yield return Mutant("verdict", StoreScripts.Verdict, " and lost ~= ''", "");
        yield return Mutant("verdict", StoreScripts.Verdict, "epoch == me and ", "epoch and ");
        yield return Mutant("verdict", StoreScripts.Verdict, "owed[i] == me and '1' or '0'", "'0'");
        yield return Mutant("verdict", StoreScripts.Verdict, "owed[i] == me and '1' or '0'", "owed[i] and '1' or '0'");
        yield return Mutant("send", StoreScripts.Send, "not epoch or lost ~= ''", "not epoch");
        yield return Mutant("send", StoreScripts.Send, ";?'", "$'");
        yield return Mutant("publish", StoreScripts.Publish, "epoch ~= me or heldTail ~= tail", "epoch ~= me");
        yield return Mutant("publish", StoreScripts.Publish, "          regroup(id, heldTail, tail)", "");
        yield return Mutant("publish", StoreScripts.Publish, "regroup(id, heldTail or '', tail)", "regroup(id, '', tail)");
        yield return Mutant("publish", StoreScripts.Publish, "regroup(id, heldTail or '', tail)", "");
        yield return Mutant("publish", StoreScripts.Publish, "regroup(id, '', tail)", "");
        yield return Mutant("publish", StoreScripts.Publish, "      regroup(id, heldTail, '')", "");
        yield return Mutant("publish", StoreScripts.Publish, "abs(token - stamp)) .. tail", "abs(token - stamp))");
        yield return Mutant("groups", StoreScripts.Publish, "had[group] = nil", "had[group] = had[group]");
        yield return Mutant("groups", StoreScripts.Publish, "if isGroup then", "if true then");
        yield return Mutant("groups", StoreScripts.Publish, "tail == '' or byte(tail) == 59", "tail == ''");
        yield return Mutant("groups", StoreScripts.Publish, "tail == '' or byte(tail) == 59", "true");
        yield return Mutant("groups", StoreScripts.Publish, "if not had then", "if true then");
        yield return Mutant("groups", StoreScripts.Publish, "math.max(tonumber(redis.call('HGET', epochs, 'g') or '0'), clock)", "clock");
        yield return Mutant("groups", StoreScripts.Publish, "redis.call('HSET', epochs, 'g', string.format('%d', number + count))", "");
        yield return Mutant("groups", StoreScripts.Publish, "if mode == 'c' then", "if true then");
        yield return Mutant("groups", StoreScripts.Publish, "edgeCount == 0 or mode == ''", "edgeCount == 0");
        yield return Mutant("groups", StoreScripts.Publish, "elseif lingering[group] then", "elseif false then");
        yield return Mutant("groups", StoreScripts.Publish, "elseif lingering[group] then", "elseif true then");
        yield return Mutant("groups", StoreScripts.Publish, "elseif had == '0' then", "elseif false then");
        yield return Mutant("release", StoreScripts.Release, "not redis.call('HGET', KEYS[1], 'e:' .. me)", "false");
        yield return Mutant("release", StoreScripts.Release, "epoch == ARGV[2] and ", "epoch and ");
        yield return Mutant("release", StoreScripts.Release, " and tonumber(batch) <= tonumber(ARGV[place])", "");
        yield return Mutant("release", StoreScripts.Release, "applyAll('HDEL', KEYS[4], released)", "");
        yield return Mutant("claim", StoreScripts.Claim, "answer[3] = owed", "");
        yield return Mutant("verdict", StoreScripts.Verdict, "if owes ~= '' then", "if false then");
        yield return Mutant("claim", StoreScripts.Claim, "regroup(id, tail, '')", "");
        yield return Mutant("claim", StoreScripts.Claim, ".. lost .. tail", ".. lost");
        yield return Mutant("verdict", StoreScripts.Verdict, "regroup(ids[i], tail, '')", "");
    }

    [OneTimeSetUp]
    public async Task StartStore()
    {
        _tests = new ScriptTests(StoreKind.Redis);
        _fixtures = [new GroupScriptTests(StoreKind.Redis), new EdgeScriptTests(StoreKind.Redis), _tests];
        await _tests.StartStore();
        _connection = await _tests.OpenConnectionAsync();
    }

    [OneTimeTearDown]
    public async Task StopStore()
    {
        await (_connection?.DisposeAsync() ?? default); // null if there is no redis-server
        await _tests.StopStore();
    }

    [TestCaseSource(nameof(Mutants))]
    public async Task Guard_Dropped_IsNoticed(string original, string guard, string replacement)
    {
        Assert.That(original.Split(guard), Has.Length.EqualTo(2), "the guard stands there once");
        string mutated = original.Replace(guard, replacement, StringComparison.Ordinal);
        int run = 0;
        foreach ((ScriptFixture fixture, MethodInfo test) in _fixtures.SelectMany(TestsOf))
        {
            run++;
            if (!await PassesAsync(fixture, test, script => script == original ? mutated : script))
            {
                return;
            }
        }

        Assert.Fail($"None of {run} tests noticed.");
    }

    private static IEnumerable<(ScriptFixture Fixture, MethodInfo Test)> TestsOf(ScriptFixture fixture) =>
        fixture.GetType().GetMethods().Where(method => method.GetCustomAttribute<TestAttribute>() is not null && !LeftOut.Contains(method.Name)).Select(method => (fixture, method));

    private async Task<bool> PassesAsync(ScriptFixture fixture, MethodInfo test, Func<string, string> mutate)
    {
        using var isolated = new TestExecutionContext.IsolatedContext(); // what fails there is what we want
        fixture.Use(_connection, mutate);
        try
        {
            await ((Task)test.Invoke(fixture, null)!).WaitAsync(TestServer.Patience);
            return true;
        }
        catch (Exception exception) when (exception is not IgnoreException)
        {
            return false;
        }
    }

    private static TestCaseData Mutant(string script, string original, string guard, string replacement) =>
        new TestCaseData(original, guard, replacement).SetArgDisplayNames(script, guard.ReplaceLineEndings(" "), replacement.ReplaceLineEndings(" "));
}
