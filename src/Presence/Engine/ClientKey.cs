namespace Presence.Engine;

/// <summary>A client id and its hash, which is taken once for all that an operation does.</summary>
internal readonly record struct ClientKey(string Id, uint Hash)
{
    /// <summary>With the runtime's hash, whose key is another in each process, so that nobody can choose ids that collide.</summary>
    public static ClientKey Of(string id) => new(id, (uint)id.GetHashCode());
}
