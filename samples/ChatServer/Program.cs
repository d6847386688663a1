using System.CommandLine;
using ChatServer;
using Microsoft.Extensions.Options;

return await ServerCommand.Create(ServeAsync).Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

static async Task<int> ServeAsync(Func<Dictionary<string, string?>> readSettings)
{
    ChatOptions? options = null;
    try
    {
        await using WebApplication app = ChatApp.Create(readSettings());
        options = app.Services.GetRequiredService<IOptions<ChatOptions>>().Value;
        await app.RunAsync();
        return 0;
    }
    catch (Exception exception) when (StartFailure.Explain(exception, options) is { } reason)
    {
        await Console.Error.WriteLineAsync(Complaints.CannotStart(reason));
        return 1;
    }
}
