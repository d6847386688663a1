namespace Presence;

/// <summary>A list that is replaced as a whole, so that readers take no lock and see one state of it.</summary>
internal sealed class Registrations<T>
    where T : class
{
    private readonly Lock _changing = new();
    private readonly List<(Registration Registration, T Item)> _registrations = [];
    private T[] _current = [];

    public T[] Current => Volatile.Read(ref _current);

    /// <summary>Adds an item, until the result is disposed. The same item may be added more than once.</summary>
    public IDisposable Add(T item)
    {
        var registration = new Registration(this);
        Add(registration, item);
        return registration;
    }

    /// <summary>Adds an item that is given its own registration to dispose of: before it is added, since it may end as soon as it is.</summary>
    public T Add(Func<IDisposable, T> create)
    {
        var registration = new Registration(this);
        T item = create(registration);
        Add(registration, item);
        return item;
    }

    private void Add(Registration registration, T item) => Change(() => _registrations.Add((registration, item)));

    private void Change(Action change)
    {
        lock (_changing)
        {
            change();
            Volatile.Write(ref _current, [.. _registrations.Select(registration => registration.Item)]);
        }
    }

    private sealed class Registration(Registrations<T> owner) : IDisposable
    {
        public void Dispose() => owner.Change(() => owner._registrations.RemoveAll(registered => registered.Registration == this));
    }
}
