using System.Diagnostics;
using Presence;
using Tabs;

// One user with three tabs. Each tab is a client of its own; the user is a group that they share. One tab is closed, one is loaded again, one crashes:
// the user is told online once and offline once.
TimeSpan tick = TimeSpan.FromMilliseconds(200); // a second in earnest; quick here, so that the story takes some seconds
await using var tracker = new PresenceTracker(new PresenceOptions { TickInterval = tick, ExpireAfter = 5, GroupLinger = 3 });
long started = Stopwatch.GetTimestamp();
int told = 0;

// All that a host does for a user: no count of tabs, no timer for reloads.
tracker.OnChange(PresenceChanges.Occupied | PresenceChanges.Vacated, change =>
{
    Say($"*** {change.Group} is {(change.Kind == PresenceChanges.Occupied ? "online" : "offline")}");
    Interlocked.Increment(ref told);
    return ValueTask.CompletedTask;
});

// What a host holds for a tab is torn down when that tab is gone, whatever became of the user.
tracker.OnChange(PresenceChanges.Joined | PresenceChanges.Ended, change =>
{
    Say($"    {change.ClientId} {change.Kind.ToString().ToLowerInvariant()}");
    return ValueTask.CompletedTask;
});

using var first = new Tab(tracker, "zhangsan", "tab 1", tick);
using var second = new Tab(tracker, "zhangsan", "tab 2", tick);
using var third = new Tab(tracker, "zhangsan", "tab 3", tick);
await Task.Delay(3 * tick);

Say("tab 1 is closed");
first.Close();
await Task.Delay(3 * tick);

Say("tab 2 is closed, too");
second.Close();
await Task.Delay(2 * tick);

Say("tab 3 is loaded again: it is gone for a moment, and nobody else is there");
third.Close();
await Task.Delay(tick);
using var thirdAgain = new Tab(tracker, "zhangsan", "tab 3", tick);
await Task.Delay(5 * tick);

Say("tab 3 crashes: it says no more");
thirdAgain.Crash();
using var patience = new CancellationTokenSource(60 * tick);
while (tracker.Groups.IsOccupied("zhangsan"))
{
    await Task.Delay(tick, patience.Token);
}

await tracker.WhenCallbacksDoneAsync();
Say($"zhangsan was told online and offline, {told} changes in all");
return told == 2 ? 0 : 1;

void Say(string what) => Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds,5:F1} s  {what}");
