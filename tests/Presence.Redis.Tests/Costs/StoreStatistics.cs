using System.Globalization;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Costs;

/// <summary>What a Redis counts of itself, read on a connection that asks for nothing else.</summary>
internal sealed class StoreStatistics : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;
    private readonly IServer _server;

    private StoreStatistics(ConnectionMultiplexer connection)
    {
        _connection = connection;
        _server = connection.GetServers()[0];
    }

    public static async Task<StoreStatistics> OfAsync(string configuration) =>
        new(await ConnectionMultiplexer.ConnectAsync($"{configuration},allowAdmin=true"));

    /// <summary>Counts from 0 again.</summary>
    public Task ResetAsync() => _server.ConfigResetStatisticsAsync();

    /// <summary>What commands were run since, but for those of this object, and for HLEN, by which a test waits.</summary>
    public async Task<CommandCounts> CountAsync()
    {
        Dictionary<string, long> calls = (await _server.InfoAsync("commandstats")).SelectMany(section => section).ToDictionary(
            command => command.Key["cmdstat_".Length..], command => Number(command.Value.Split(',')[0]["calls=".Length..]));
        Array.ForEach(["config|resetstat", "info", "hlen"], command => calls.Remove(command));
        return new CommandCounts(calls);
    }

    /// <summary>For how long scripts held the store since.</summary>
    public Task<TimeSpan> ReadScriptTimeAsync() => ReadTimeAsync("eval", "evalsha");

    /// <summary>For how long some commands held the store since.</summary>
    public async Task<TimeSpan> ReadTimeAsync(params string[] commands) => TimeSpan.FromMicroseconds(
        (await _server.InfoAsync("commandstats")).SelectMany(section => section).Where(command => commands.Contains(command.Key["cmdstat_".Length..]))
            .Sum(command => Number(command.Value.Split(',')[1]["usec=".Length..])));

    /// <summary>Bytes that the store has allocated.</summary>
    public async Task<long> UsedMemoryAsync() => Number((await _server.InfoAsync("memory")).SelectMany(section => section).Single(line => line.Key == "used_memory").Value);

    /// <summary>Notes whatever holds the store for longer than a time.</summary>
    public async Task NoteSlowAsync(TimeSpan longerThan)
    {
        await _server.ConfigSetAsync("slowlog-log-slower-than", ((long)longerThan.TotalMicroseconds).ToString(CultureInfo.InvariantCulture));
        await _server.ConfigSetAsync("slowlog-max-len", "10000");
        await _server.SlowlogResetAsync();
    }

    /// <summary>What was noted: which command or script, and for how long.</summary>
    public async Task<IReadOnlyList<(string Command, TimeSpan Time)>> ReadSlowAsync() =>
        [.. (await _server.SlowlogGetAsync(10_000)).Select(entry => ((string)entry.Arguments[0]!, entry.Duration))];

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
