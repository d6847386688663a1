using System.Net;
using Presence.Tests;

namespace Presence.Udp.Tests;

[TestFixture]
public sealed class UdpHeartbeatOptionsBindingTests() : OptionBindingTests<UdpHeartbeatOptions>(
    new Dictionary<string, (string, object)>
    {
        [nameof(UdpHeartbeatOptions.EndPoint)] = ("{ \"Port\": 9090 }", new IPEndPoint(IPAddress.IPv6Any, 9090)), // .NET binds no address
        [nameof(UdpHeartbeatOptions.DualMode)] = ("false", false),
        [nameof(UdpHeartbeatOptions.ReceiveBufferSize)] = ("8192", 8192),
    });
