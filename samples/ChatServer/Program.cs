using System.Net.Sockets;
using ChatServer;
using Microsoft.Extensions.Options;

try
{
    await using WebApplication app = ChatApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (SocketException exception)
{
    await Console.Error.WriteLineAsync($"The chat server cannot start: choose another --udp-port. {exception.Message}");
    return 1;
}
catch (Exception exception) when (exception is OptionsValidationException or InvalidOperationException or IOException or FormatException)
{
    // A setting that cannot be used, or a port that is taken: what to do about it is in the message, not in a stack trace.
    await Console.Error.WriteLineAsync($"The chat server cannot start. {exception.Message}");
    return 1;
}
