using Microsoft.Extensions.DependencyInjection;

namespace Presence;

/// <summary>What <c>AddPresence</c> returns.</summary>
internal sealed record PresenceBuilder(IServiceCollection Services, string? Name) : IPresenceBuilder;
