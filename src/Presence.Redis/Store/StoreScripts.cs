using StackExchange.Redis;

namespace Presence.Redis.Store;

/// <summary>Runs the Lua scripts that lie beside this file. Each is atomic, gives the same when run again, and needs Redis 6.2.</summary>
/// <remarks>
/// All writes go by scripts, also where one command would do: after a failover the connection sends a script to a server that answers, but
/// a bare write only to the one that it believes to be primary, and it may believe so for a minute. Thread safety: any thread.
/// </remarks>
internal sealed class StoreScripts(IDatabase database)
{
    public static readonly string Register = Read("register");
    public static readonly string Open = Read("open");
    public static readonly string Renew = Read("renew");
    public static readonly string Check = Read("check");
    public static readonly string Adopt = Read("adopt");
    public static readonly string Leave = Read("leave");
    public static readonly string Publish = Read("groups") + Read("publish");
    public static readonly string Claim = Read("groups") + Read("claim");
    public static readonly string Verdict = Read("groups") + Read("verdict");
    public static readonly string Release = Read("groups") + Read("release");
    public static readonly string Inherit = Read("inherit");
    public static readonly string Forget = Read("forget");
    public static readonly string Delete = Read("delete");
    public static readonly string Send = Read("send");

    /// <summary>Runs a script, and once more if the store has forgotten it, as after a restart.</summary>
    public async Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script, keys, arguments).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Message.Contains("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(script, keys, arguments).ConfigureAwait(false);
        }
    }

    private static string Read(string name)
    {
        using Stream stream = typeof(StoreScripts).Assembly.GetManifestResourceStream($"{name}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
