namespace Presence;

/// <summary>A list that is replaced as a whole, so that readers take no lock and see one state of it.</summary>
internal sealed class Registrations<T>
    where T : class
{
    private readonly Lock _changing = new();
    private readonly List<Registration> _registrations = [];
    private T[] _current = [];

    public T[] Current => Volatile.Read(ref _current);

    /// <summary>Adds an item, until the result is disposed. The same item may be added more than once.</summary>
    public IDisposable Add(T item)
    {
        var registration = new Registration(this, item);
        Change(() => _registrations.Add(registration));
        return registration;
    }

    private void Change(Action change)
    {
        lock (_changing)
        {
            change();
            Volatile.Write(ref _current, [.. _registrations.Select(registration => registration.Item)]);
        }
    }

    private sealed class Registration(Registrations<T> owner, T item) : IDisposable
    {
        public T Item => item;

        public void Dispose() => owner.Change(() => owner._registrations.Remove(this));
    }
}
