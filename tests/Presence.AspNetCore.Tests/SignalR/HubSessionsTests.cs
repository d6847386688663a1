using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Presence.AspNetCore.Probing;
using Presence.AspNetCore.SignalR;

namespace Presence.AspNetCore.Tests.SignalR;

/// <summary>The end of a connection is noted before all that came on it has been read, as when its socket is closed right after the last message.</summary>
[TestFixture]
public sealed class HubSessionsTests
{
    private ManualTickSource _ticks = null!;
    private PresenceTracker _tracker = null!;
    private Prober _prober = null!;
    private HubConnectionContext _connection = null!;

    [SetUp]
    public async Task StartAndEnd()
    {
        _ticks = new ManualTickSource();
        _tracker = new PresenceTracker(tickSource: _ticks);
        _prober = new Prober(_tracker, NullLogger<Prober>.Instance);
        var transport = new DefaultConnectionContext("a", new DuplexPipe(new Pipe(), new Pipe()), new DuplexPipe(new Pipe(), new Pipe()));
        _connection = new HubConnectionContext(transport, new HubConnectionContextOptions { KeepAliveInterval = TimeSpan.FromMinutes(1) }, NullLoggerFactory.Instance)
        {
            Protocol = new JsonHubProtocol(),
        };
        _connection.Features.Set(new InputTap(new Pipe().Reader));
        new HubSessions(_prober, new SignalRPresenceOptions { BrokenNotice = 2 }, limit: 5).Start(_connection);
        _connection.Abort();
        await Wait.UntilAsync(() => _prober.Count == 0, "the end is noted");
        Assert.That(_tracker.OnlineCount, Is.EqualTo(1), "on notice");
    }

    [TearDown]
    public void Dispose()
    {
        _prober.Dispose();
        _tracker.Dispose();
    }

    [Test]
    public void Stop_ReadAfterTheEnd_EndsTheSessionAtOnce()
    {
        Read("""{"type":7}""");

        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    [Test]
    public void Message_ReadAfterTheEnd_IsNoSignOfLife()
    {
        _ticks.Advance();
        Read("""{"type":2,"invocationId":"1","item":1}""");
        _ticks.Advance();

        Assert.That(_tracker.OnlineCount, Is.Zero);
    }

    private void Read(string message)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"{message}\u001e"));
        Assert.That(_connection.Protocol.TryParseMessage(ref bytes, new Binder(), out _));
    }

    private sealed class Binder : IInvocationBinder
    {
        public Type GetReturnType(string invocationId) => typeof(int);

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => [];

        public Type GetStreamItemType(string streamId) => typeof(int);
    }

    private sealed class DuplexPipe(Pipe input, Pipe output) : IDuplexPipe
    {
        public PipeReader Input => input.Reader;

        public PipeWriter Output => output.Writer;
    }
}
