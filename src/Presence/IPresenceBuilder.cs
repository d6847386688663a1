namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What transports and satellites hang on: the services of a host, and which of its trackers they are for.</summary>
/// <remarks>Thread safety: for the set-up of a host, on one thread.</remarks>
public interface IPresenceBuilder
{
    /// <summary>The services to add to.</summary>
    IServiceCollection Services { get; }

    /// <summary>
    /// The key of the tracker's services and the name of its options; null for the tracker without a key, whose options have the default name. A null key is none: what is added
    /// for this one is found by itself.
    /// </summary>
    string? Name { get; }
}
