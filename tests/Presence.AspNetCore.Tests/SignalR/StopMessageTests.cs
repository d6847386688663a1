using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.SignalR.Protocol;
using Presence.AspNetCore.SignalR;

namespace Presence.AspNetCore.Tests.SignalR;

[TestFixture]
public sealed class StopMessageTests
{
    [TestCase("""{"type":7}|""", true)]
    [TestCase("""{"type":7,"error":"no"}|""", true)]
    [TestCase("""{"type":6}|{"type":1,"target":"Say","arguments":[1,"two"]}|{"type":3,"invocationId":"1","result":{"a":1}}|{"type":7}|""", true)]
    [TestCase("""{"type":2,"invocationId":"1","item":{"a":1}}|{"type":5,"invocationId":"1"}|{"type":7}|""", true)]
    [TestCase("", false)]
    [TestCase("""{"type":6}|""", false)]
    [TestCase("""{"type":7}""", false)]
    [TestCase("""nonsense|{"type":7}|""", false)]
    public void IsIn_WhatWasLeftUnread_FindsAWholeMessage(string rest, bool expected) =>
        Assert.That(StopMessage.IsIn(Bytes(rest), new JsonHubProtocol()), Is.EqualTo(expected));

    [Test]
    public void IsIn_MessagePack_FindsItToo()
    {
        var protocol = new MessagePackHubProtocol();
        byte[] rest = [.. protocol.GetMessageBytes(new InvocationMessage("Say", [1, "two"])).Span, .. protocol.GetMessageBytes(CloseMessage.Empty).Span];

        Assert.That(StopMessage.IsIn(new ReadOnlySequence<byte>(rest), protocol), Is.True);
    }

    [Test]
    public async Task InputTap_WhoseReadIsCancelled_ShowsWhatNobodyWillRead()
    {
        var pipe = new Pipe();
        bool isStop = false;
        var tap = new InputTap(pipe.Reader) { OnEnd = rest => isStop = StopMessage.IsIn(rest, new JsonHubProtocol()) };
        await pipe.Writer.WriteAsync(Bytes("""{"type":7}|""").ToArray());
        tap.CancelPendingRead();

        ReadResult result = await tap.ReadAsync();

        Assert.That((result.IsCanceled, isStop), Is.EqualTo((true, true)));
    }

    private static ReadOnlySequence<byte> Bytes(string text) => new(Encoding.UTF8.GetBytes(text.Replace('|', '\u001e')));
}
