namespace Presence.Redis.Store;

/// <summary>The Lua scripts, as they lie beside this file. Each is atomic, gives the same when run again, and needs Redis 6.2.</summary>
internal static class StoreScripts
{
    public static readonly string Register = Read("register");
    public static readonly string Renew = Read("renew");
    public static readonly string Leave = Read("leave");
    public static readonly string Publish = Read("publish");
    public static readonly string Claim = Read("claim");
    public static readonly string Verdict = Read("verdict");
    public static readonly string Inherit = Read("inherit");
    public static readonly string Forget = Read("forget");

    private static string Read(string name)
    {
        using Stream stream = typeof(StoreScripts).Assembly.GetManifestResourceStream($"{name}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
