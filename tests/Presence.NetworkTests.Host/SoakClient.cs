using System.Net.Sockets;

namespace Presence.NetworkTests.Host;

/// <summary>A client that comes and goes in every way there is, one after another, as its random numbers have it.</summary>
internal sealed class SoakClient
{
    private const double Loss = 0.1;

    private static readonly TimeSpan LongestStay = TimeSpan.FromSeconds(8);

    private readonly string _name;
    private readonly SoakTerms _terms;
    private readonly SoakTally _tally;
    private readonly Random _random;
    private readonly Func<SoakSession, Task>[] _faults;

    public SoakClient(string name, int seed, SoakTerms terms, SoakTally tally)
    {
        _name = name;
        _terms = terms;
        _tally = tally;
        _random = new Random(seed);
        _faults = [LeaveAsync, DieAsync, FallSilentAsync, PauseAsync, LoseAsync, SendGarbageAsync, KnockAsync, ReconnectAsync, ComeAndGoAsync];
    }

    /// <summary>Its session now, whose heartbeats are to be sent.</summary>
    public SoakSession? Session { get; private set; }

    public async Task RunAsync()
    {
        await LastAsync(LongestStay / 4);
        while (true)
        {
            SoakSession session = Session = await LogInAsync();
            string lastFault = "Login";
            while (!session.Closed.IsCompleted && session == Session)
            {
                await Task.WhenAny(LastAsync(LongestStay), session.Closed);
                if (session.Closed.IsCompleted)
                {
                    JudgeClosed(session, lastFault);
                    break;
                }

                Func<SoakSession, Task> fault = _faults[_random.Next(_faults.Length)];
                lastFault = fault.Method.Name;
                _tally.Count(lastFault);
                await fault(session);
            }

            session.Dispose();
        }
    }

    private async Task<SoakSession> LogInAsync()
    {
        while (true)
        {
            if (await SoakSession.LogInAsync(_terms.Host, _terms.Port, _name, _random.Next()) is { } session)
            {
                _tally.Count("logins");
                return session;
            }

            _tally.Count("refused");
            await LastAsync(_terms.Tick);
        }
    }

    /// <summary>A client that beats is closed for one reason alone: its process stood still for longer than the limit.</summary>
    private void JudgeClosed(SoakSession session, string lastFault)
    {
        bool hasStalled = session.LongestGap >= _terms.Soonest;
        _tally.Count(hasStalled ? "stalled" : "thrownOut");
        if (!hasStalled)
        {
            _tally.Count($"thrownOutAfter{lastFault}");
        }
    }

    private Task LeaveAsync(SoakSession session)
    {
        Session = null;
        return Task.CompletedTask; // it is disposed of, with a FIN
    }

    private Task DieAsync(SoakSession session)
    {
        Session = null;
        session.Reset();
        return Task.CompletedTask;
    }

    private async Task FallSilentAsync(SoakSession session)
    {
        session.IsBeating = false;
        await Task.WhenAny(session.Closed, Task.Delay(_terms.Latest, TimeProvider.System));
        Session = null;
        if (!session.Closed.IsCompleted)
        {
            _tally.Count("tooLate");
        }
        else if (session.LongestGap < _terms.SoonestIfLost)
        {
            _tally.Count("tooSoon");
        }
    }

    /// <summary>Stands still for less than the limit, and goes on.</summary>
    private async Task PauseAsync(SoakSession session)
    {
        session.IsBeating = false;
        await LastAsync(_terms.Limit / 2 * _terms.Tick);
        session.IsBeating = true;
    }

    private async Task LoseAsync(SoakSession session)
    {
        session.Loss = Loss;
        await LastAsync(LongestStay);
        session.Loss = 0;
    }

    private async Task SendGarbageAsync(SoakSession session)
    {
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await udp.ConnectAsync(_terms.Host, _terms.Port);
        byte[] bytes = new byte[_random.Next(1400)];
        _random.NextBytes(bytes);
        await udp.SendAsync(bytes);
        await session.SendAsync(Convert.ToBase64String(bytes));
    }

    /// <summary>Connects and never logs in.</summary>
    private async Task KnockAsync(SoakSession session)
    {
        try
        {
            using Connection connection = await Connection.ConnectAsync(_terms.Host, _terms.Port, CancellationToken.None);
            await LastAsync(LongestStay / 4);
        }
        catch (SocketException)
        {
            // The server stands still, and its queue is full.
        }
    }

    /// <summary>Logs in again while the old session lives, or is just expiring. The new one must not suffer by the end of the old.</summary>
    private async Task ReconnectAsync(SoakSession session)
    {
        session.IsBeating = _random.Next(2) == 0;
        if (!session.IsBeating)
        {
            await Task.Delay((_terms.Limit + _random.NextDouble()) * _terms.Tick, TimeProvider.System);
        }

        SoakSession next = await LogInAsync();
        Session = next; // its heartbeats are sent from now on, and those of the old one no more
        await LastAsync(_terms.Tick);
        if (!await next.PingAsync(_name) && next.LongestGap < _terms.Soonest)
        {
            _tally.Count("harmed");
        }

        Session = null;
        next.Dispose();
    }

    private async Task ComeAndGoAsync(SoakSession session)
    {
        Session = null;
        session.Dispose();
        for (int i = 0; i < 5; i++)
        {
            using SoakSession brief = await LogInAsync();
        }
    }

    private Task LastAsync(TimeSpan atMost) => Task.Delay(_random.NextDouble() * atMost, TimeProvider.System);
}
