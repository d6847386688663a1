using System.Net.Sockets;
using System.Text;
using ChatClient;

Console.InputEncoding = Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false); // names are in any script
if (Arguments.TryParse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

try
{
    await using ServerLink server = await ServerLink.ConnectAsync(arguments.Host, arguments.Port);
    return await new ChatLoop(server, arguments.User).RunAsync();
}
catch (SocketException exception)
{
    await Console.Error.WriteLineAsync($"Cannot reach the chat server at {arguments.Host}, port {arguments.Port}: {exception.Message}.");
    return 1;
}
