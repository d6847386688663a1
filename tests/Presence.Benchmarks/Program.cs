using System.Globalization;
using BenchmarkDotNet.Running;
using Presence.Benchmarks.Freeze;
using Presence.Benchmarks.Million;
using Presence.Benchmarks.Peers;
using Presence.Benchmarks.Plots;
using Presence.Benchmarks.Ratios;
using Presence.Benchmarks.Reconnect;

return args switch
{
    ["ratios", .. string[] names] => RatioCommand.Run(names),
    ["plot", string folder] => PlotCommand.Run(folder),
    ["tables", .. string[] rest] => RunTables(rest),
    ["freeze", "--clients", string clients, .. string[] names] => await FreezeCommand.RunAsync(names, Number(clients)),
    ["freeze", .. string[] names] => await FreezeCommand.RunAsync(names),
    ["reconnect", "--rounds", string rounds, .. string[] names] => await ReconnectCommand.RunAsync(names, Number(rounds)),
    ["reconnect", .. string[] names] => await ReconnectCommand.RunAsync(names),
    ["million", string sessions, string seconds] => await MillionCommand.RunAsync(Number(sessions), Number(seconds)),

    // The processes that those start.
    ["million-clients", string port, string file] => MillionClients.Run(Number(port), file),
    ["signalr-server"] => await SignalRServer.RunAsync(),
    ["mqtt-broker"] => await MqttBroker.RunAsync(),
    ["takeover-server", .. string[] how] => await new TakeoverServer(isFiledUnderName: how is ["by-name"]).RunAsync(),
    ["freeze-clients", string protocol, string port, string prefix, string count] =>
        await FreezeClients.RunAsync(protocol, Number(port), prefix, Number(count)),
    _ => Explain(),
};

static int RunTables(string[] args)
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
    return 0;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Explain()
{
    Console.Error.WriteLine("""
        ratios [part of a row's name ...]                every figure as a ratio in one run; exit code 1 if a target is missed
        plot <folder>                                    performance-tick.svg and performance-heartbeat.svg, 1 k to 10 M clients
        tables [BenchmarkDotNet options]                 the tables
        freeze [--clients N] [part of a name ...]        whom a server throws out that was stopped for a while: ours beside SignalR and MQTTnet;
                                                         names presence-40s signalr-40s presence-6s mqttnet-6s; exit code 1 if ours threw out any or kept a dead one
        reconnect [--rounds N] [part of a name ...]      new sessions that a dying connection of the same name takes along: ours beside MQTTnet;
                                                         names chat takeover by-name mqttnet; exit code 1 if ours lost any
        million <sessions> <seconds>                     so many sessions that a second process has beat each second over UDP: rate, loss and processor time
        """);
    return 2;
}
