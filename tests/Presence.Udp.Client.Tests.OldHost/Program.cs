using System.Diagnostics;
using System.Globalization;

namespace Presence.Udp.Client.Tests.OldHost;

/// <summary>A client that beats until it has ten acknowledgements, then until it is told to log in again: <c>PORT SESSION KEY</c>, numbers and key in hexadecimal.</summary>
internal static class Program
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    public static int Main(string[] arguments)
    {
        using var mustLogIn = new ManualResetEventSlim();
        using var sender = new HeartbeatSender(
            new HeartbeatSenderOptions
            {
                Host = "localhost",
                Port = int.Parse(arguments[0], CultureInfo.InvariantCulture),
                Session = ulong.Parse(arguments[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                Key = Bytes(arguments[2]),
                Interval = TimeSpan.FromMilliseconds(100),
                ExpireAfter = 10,
            },
            HeartbeatProbes.ThreadPool);
        sender.LogInAgain += _ => mustLogIn.Set();
        var waiting = Stopwatch.StartNew(); // Mono has no TimeProvider
        while (sender.Status.Acknowledged < 10 && waiting.Elapsed < Timeout)
        {
            Thread.Sleep(10);
        }

        Console.WriteLine($"{Environment.Version} {sender.Status}");
        Console.Out.Flush();
        return mustLogIn.Wait(Timeout) && sender.Status.Acknowledged >= 10 ? 0 : 1;
    }

    private static byte[] Bytes(string hex)
    {
        byte[] bytes = new byte[hex.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = byte.Parse(hex.AsSpan(2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        return bytes;
    }
}
