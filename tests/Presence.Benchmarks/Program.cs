using BenchmarkDotNet.Running;
using Presence.Benchmarks.Plots;
using Presence.Benchmarks.Ratios;

return args switch
{
    ["ratios", .. string[] names] => RatioCommand.Run(names),
    ["plot", string folder] => PlotCommand.Run(folder),
    ["tables", .. string[] rest] => RunTables(rest),
    _ => Explain(),
};

static int RunTables(string[] args)
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
    return 0;
}

static int Explain()
{
    Console.Error.WriteLine("""
        ratios [part of a row's name ...]   every figure as a ratio in one run; exit code 1 if a target is missed
        plot <folder>                       performance-tick.svg and performance-heartbeat.svg, 1 k to 10 M clients
        tables [BenchmarkDotNet options]    the tables
        """);
    return 2;
}
