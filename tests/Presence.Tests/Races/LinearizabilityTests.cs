using System.Collections.Concurrent;
using CsCheck;
using Presence.Tests.Rules;

namespace Presence.Tests.Races;

/// <summary>
/// Whatever runs at once on one client id, there is an order in which the literal model gives every call the same answer and ends in the same
/// state. Counts are compared at the end only: a heartbeat that overlaps a tick counts as before it, also for one who read the count between.
/// </summary>
[TestFixture]
public sealed class LinearizabilityTests
{
    private const string ClientId = "zhangsan";

    /// <summary>Tells the answers of a sample's operations from each other.</summary>
    private static readonly Gen<int> GenCall = Gen.Int[0, int.MaxValue];

    [TestCase(HeartbeatRule.Reset)]
    [TestCase(HeartbeatRule.Decrement)]
    public void OneClientId_UnderConcurrentCalls_BehavesLikeTheModelInSomeOrder(HeartbeatRule rule) =>
        Gen.Int[1, 2].Select(limit => (new Actual(rule, limit), new Model(rule, limit))).SampleParallel(
            [
                GenCall.Operation<Actual, Model>((actual, call) => actual.Join(call), (model, call) => model.Join(call)),
                GenCall.Operation<Actual, Model>((actual, call) => actual.TryJoin(call), (model, call) => model.TryJoin(call)),
                GenCall.Operation<Actual, Model>((actual, call) => actual.Leave(call), (model, call) => model.Leave(call)),
                GenCall.Operation<Actual, Model>((actual, call) => actual.LeaveFirst(call), (model, call) => model.LeaveFirst(call)),
                GenCall.Operation<Actual, Model>((actual, call) => actual.Heartbeat(call), (model, call) => model.Heartbeat(call)),
                GenCall.Operation<Actual, Model>((actual, call) => actual.HeartbeatFirst(call), (model, call) => model.HeartbeatFirst(call)),
                GenCall.Operation<Actual, Model>((actual, _) => actual.Tick(), (model, _) => model.Tick()),
                GenCall.Operation<Actual, Model>((actual, _) => actual.Tick(), (model, _) => model.Tick()),
            ],
            equal: (actual, model) => actual.State() == model.State(),
            printActual: actual => actual.State(),
            printModel: model => model.State(),
            maxSequentialOperations: 4,
            maxParallelOperations: 6,
            threads: 2,
            iter: TestScale.Of(700, 15_000));

    private static string Describe(IEnumerable<(int Call, bool Answer)> answers, (bool IsOnline, int Count) client) =>
        $"{client} {string.Join(' ', answers.Order())}";

    private sealed class Actual
    {
        private readonly ManualTickSource _ticks = new();
        private readonly PresenceTracker _tracker;
        private readonly SessionId _first;
        private readonly ConcurrentBag<(int, bool)> _answers = [];
        private readonly Lazy<string> _state;

        public Actual(HeartbeatRule rule, int limit)
        {
            _tracker = new PresenceTracker(new PresenceOptions { Rule = rule, ExpireAfter = limit }, _ticks);
            _first = _tracker.Join(ClientId).Session;
            _state = new Lazy<string>(End); // several orders are compared with it at once
        }

        public void Join(int call) => _answers.Add((call, _tracker.Join(ClientId).Replaced is not null));

        public void TryJoin(int call) => _answers.Add((call, _tracker.TryJoin(ClientId, out _)));

        public void Leave(int call) => _answers.Add((call, _tracker.Leave(ClientId)));

        public void LeaveFirst(int call) => _answers.Add((call, _tracker.Leave(_first)));

        public void Heartbeat(int call) => _answers.Add((call, _tracker.Heartbeat(ClientId)));

        public void HeartbeatFirst(int call) => _answers.Add((call, _tracker.Heartbeat(_first)));

        public void Tick() => _ticks.Advance();

        public string State() => _state.Value;

        private string End()
        {
            using PresenceTracker tracker = _tracker;
            return Describe(_answers, (tracker.TryGetClient(ClientId, out ClientStatus status), status.Count));
        }
    }

    private sealed class Model
    {
        private readonly LiteralModel _model;
        private readonly int _limit;
        private readonly int _first;
        private readonly List<(int, bool)> _answers = [];

        public Model(HeartbeatRule rule, int limit)
        {
            _model = new LiteralModel(rule);
            _limit = limit;
            _first = _model.Join(ClientId, limit);
        }

        public void Join(int call)
        {
            bool replaces = _model.Counts.Any();
            _model.Join(ClientId, _limit);
            _answers.Add((call, replaces));
        }

        public void TryJoin(int call) => _answers.Add((call, _model.TryJoin(ClientId, _limit) is not null));

        public void Leave(int call) => _answers.Add((call, _model.Leave(ClientId)));

        public void LeaveFirst(int call) => _answers.Add((call, _model.Leave(_first)));

        public void Heartbeat(int call) => _answers.Add((call, _model.Heartbeat(ClientId)));

        public void HeartbeatFirst(int call) => _answers.Add((call, _model.Heartbeat(_first)));

        public void Tick() => _model.Tick();

        public string State() => Describe(_answers, (_model.Counts.Any(), _model.Counts.FirstOrDefault().Count));
    }
}
