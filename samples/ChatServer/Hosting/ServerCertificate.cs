using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChatServer;

/// <summary>Gets the certificate for TLS: from a file, or made for development.</summary>
internal static class ServerCertificate
{
    private static readonly TimeSpan DevelopmentLifetime = TimeSpan.FromDays(30);

    /// <summary>Gets the certificate that the settings ask for.</summary>
    /// <returns>The certificate with its private key; null if the settings ask for none.</returns>
    /// <exception cref="StartException">The file cannot be used; the message says why.</exception>
    public static X509Certificate2? Load(ChatOptions options, TimeProvider timeProvider) =>
        options.DevCert ? MakeForDevelopment(timeProvider.GetUtcNow())
        : string.IsNullOrEmpty(options.Cert) ? null
        : Read(options.Cert, options.CertPassword);

    private static X509Certificate2 Read(string path, string? password)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartException(Complaints.CertificateUnreadable(path, exception.Message), exception);
        }

        return certificate.HasPrivateKey ? certificate : throw new StartException(Complaints.CertificateWithoutKey(path));
    }

    private static X509Certificate2 MakeForDevelopment(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now + DevelopmentLifetime);
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null); // Windows does TLS with no key that is only in memory
    }
}
