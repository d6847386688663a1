using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using ChatClient;

Console.InputEncoding = Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false); // names are in any script
if (Arguments.TryParse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

ServerLink server;
try
{
    server = await ServerLink.ConnectAsync(arguments);
}
catch (Exception exception) when (exception is SocketException or AuthenticationException || exception.GetType() == typeof(IOException)) // one derived is of a file
{
    await Console.Error.WriteLineAsync($"Cannot reach the chat server at {arguments.Host}, port {arguments.Port}: {exception.Message.TrimEnd('.')}.");
    return 1;
}

await using (server)
{
    return await new ChatLoop(server, arguments.User).RunAsync();
}
