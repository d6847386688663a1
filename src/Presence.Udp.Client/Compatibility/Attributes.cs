#pragma warning disable CS9113, CA1019 // only the compiler reads what they are given

namespace System.Runtime.CompilerServices;

// What the compiler knows by name and .NET Standard 2.1 does not have.
internal static class IsExternalInit;

[AttributeUsage(AttributeTargets.All)]
internal sealed class RequiredMemberAttribute : Attribute;

[AttributeUsage(AttributeTargets.All, AllowMultiple = true)]
internal sealed class CompilerFeatureRequiredAttribute(string featureName) : Attribute;

[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class CallerArgumentExpressionAttribute(string parameterName) : Attribute;
