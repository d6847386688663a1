using System.ComponentModel;
using System.Reflection;

namespace ChatServer;

/// <summary>Finds what is wrong with a section of the settings before it is bound: then it can be told in the words of the settings, and not in those of .NET.</summary>
internal static class SettingsCheck
{
    /// <exception cref="StartException">A name is not known, or its value cannot be read.</exception>
    public static void Check<TOptions>(IConfiguration configuration, string section)
    {
        PropertyInfo[] known = [.. typeof(TOptions).GetProperties().Where(property => property.CanWrite && ConverterOf(property).CanConvertFrom(typeof(string)))];
        foreach (IConfigurationSection setting in configuration.GetSection(section).GetChildren())
        {
            PropertyInfo property = known.FirstOrDefault(property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new StartException(Complaints.UnknownSetting(setting.Path, section, known.Select(property => property.Name)));
            if (!IsReadable(property, setting.Value))
            {
                throw new StartException(Complaints.Setting(setting.Path, setting.Value, Allowed(property)));
            }
        }
    }

    /// <exception cref="StartException">A level of the log is none.</exception>
    public static void CheckLevels(IConfiguration configuration)
    {
        foreach ((string path, string? level) in configuration.GetSection("Logging").AsEnumerable())
        {
            if (path.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase) && !Enum.TryParse<LogLevel>(level, ignoreCase: true, out _))
            {
                throw new StartException(Complaints.Setting(path, level, Complaints.OneOf(Enum.GetNames<LogLevel>())));
            }
        }
    }

    /// <exception cref="StartException">There is something in a section, which .NET would read, and which would let in whom the server does not count.</exception>
    public static void CheckNone(IConfiguration configuration, string section)
    {
        if (configuration.GetSection(section).GetChildren().FirstOrDefault() is { } setting)
        {
            throw new StartException(Complaints.SettingOfAnother(setting.Path));
        }
    }

    private static bool IsReadable(PropertyInfo property, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return TypeOf(property) == typeof(string) || Nullable.GetUnderlyingType(property.PropertyType) is not null;
        }

        return TypeOf(property) == typeof(TimeSpan)
            ? value.Contains(':') && ConverterOf(property).IsValid(value) // a bare number is read as days, which nobody means
            : ConverterOf(property).IsValid(value);
    }

    private static string Allowed(PropertyInfo property) => TypeOf(property) switch
    {
        { IsEnum: true } type => Complaints.OneOf(Enum.GetNames(type)),
        var type when type == typeof(TimeSpan) => Complaints.Time,
        var type when type == typeof(bool) => Complaints.TrueOrFalse,
        var type when type == typeof(double) => Complaints.Number,
        _ => Complaints.WholeNumber,
    };

    private static Type TypeOf(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    private static TypeConverter ConverterOf(PropertyInfo property) => TypeDescriptor.GetConverter(property.PropertyType);
}
