using StackExchange.Redis;

namespace Presence.Redis.Tests.Stores;

/// <summary>A real store of the tests' own.</summary>
public abstract class TestStore : IAsyncDisposable
{
    /// <summary>Where it is, as StackExchange.Redis reads it.</summary>
    public abstract string Configuration { get; }

    /// <summary>How many shards fit it.</summary>
    public virtual int Shards => 1;

    /// <summary>A new connection.</summary>
    /// <param name="way">Where to reach the store, if not directly.</param>
    /// <param name="configure">Sets further options.</param>
    public async Task<ConnectionMultiplexer> ConnectAsync(string? way = null, Action<ConfigurationOptions>? configure = null)
    {
        var configuration = ConfigurationOptions.Parse(way ?? Configuration);
        configuration.AsyncTimeout = 1000;
        configuration.AllowAdmin = true;
        configuration.AbortOnConnectFail = false;
        configure?.Invoke(configuration);
        return await ConnectionMultiplexer.ConnectAsync(configuration);
    }

    public abstract ValueTask DisposeAsync();
}
