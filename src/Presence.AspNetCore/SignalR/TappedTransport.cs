using System.IO.Pipelines;

namespace Presence.AspNetCore.SignalR;

/// <summary>A connection's transport with a tap on its input.</summary>
internal sealed class TappedTransport(InputTap input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
