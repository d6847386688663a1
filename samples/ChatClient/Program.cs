using System.CommandLine;
using System.Text;
using ChatClient;

Console.InputEncoding = Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false); // names are in any script
return await ClientCommand.Create(ChatAsync).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

static async Task<int> ChatAsync(Arguments arguments)
{
    Terminal terminal = Terminal.Open();
    int exitCode = await new Chat(arguments, terminal).RunAsync();
    terminal.Close();
    return exitCode;
}
