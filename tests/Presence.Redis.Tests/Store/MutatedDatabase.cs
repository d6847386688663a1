using System.Reflection;
using StackExchange.Redis;

namespace Presence.Redis.Tests.Store;

/// <summary>A database that runs scripts otherwise than they are written.</summary>
public class MutatedDatabase : DispatchProxy
{
    private IDatabase _database = null!;
    private Func<string, string> _mutate = null!;

    public static IDatabase Of(IDatabase database, Func<string, string> mutate)
    {
        IDatabase proxy = Create<IDatabase, MutatedDatabase>();
        ((MutatedDatabase)proxy)._database = database;
        ((MutatedDatabase)proxy)._mutate = mutate;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IDatabase.ScriptEvaluateAsync) && args![0] is string script)
        {
            args[0] = _mutate(script);
        }

        return targetMethod.Invoke(_database, args);
    }
}
