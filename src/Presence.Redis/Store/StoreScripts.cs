namespace Presence.Redis.Store;

/// <summary>The Lua scripts, as they lie beside this file. Each is atomic, gives the same when run again, and needs Redis 6.2.</summary>
/// <remarks>
/// All writes go by scripts, also where one command would do: after a failover the connection sends a script to a server that answers, but
/// a bare write only to the one that it believes to be primary, and it may believe so for a minute.
/// </remarks>
internal static class StoreScripts
{
    public static readonly string Register = Read("register");
    public static readonly string Open = Read("open");
    public static readonly string Renew = Read("renew");
    public static readonly string Leave = Read("leave");
    public static readonly string Publish = Read("publish");
    public static readonly string Claim = Read("claim");
    public static readonly string Verdict = Read("verdict");
    public static readonly string Inherit = Read("inherit");
    public static readonly string Forget = Read("forget");
    public static readonly string Delete = Read("delete");

    private static string Read(string name)
    {
        using Stream stream = typeof(StoreScripts).Assembly.GetManifestResourceStream($"{name}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
