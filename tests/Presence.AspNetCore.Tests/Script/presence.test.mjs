// Run by Node's own runner; PRESENCE_SCRIPT is where the script lies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const { delayBefore, keepConnection, keepSocket } = await import(pathToFileURL(process.env.PRESENCE_SCRIPT));

/** Lets all promises that can be settled settle. */
const settle = () => new Promise(resolve => setImmediate(resolve));

function useFakeTimers(t) {
  const delays = [];
  const timers = new Map();
  let last = 0;
  t.mock.method(globalThis, "setTimeout", (run, delay) => {
    delays.push(delay);
    timers.set(++last, run);
    return last;
  });
  t.mock.method(globalThis, "clearTimeout", timer => timers.delete(timer));
  return {
    delays,
    async fire() {
      const due = [...timers.values()];
      timers.clear();
      due.forEach(run => run());
      await settle();
    },
    get count() {
      return timers.size;
    },
  };
}

class FakeConnection {
  handlers = {};
  starts = 0;
  fails = 0;
  start = async () => {
    this.starts++;
    if (this.fails-- > 0) {
      throw new Error("No server.");
    }
  };
  stop = async () => this.closed();
  on = (method, handler) => (this.handlers[method] = handler);
  onclose = handler => (this.closed = handler);
  onreconnecting = handler => (this.reconnecting = handler);
  onreconnected = handler => (this.reconnected = handler);
}

class FakeSocket {
  static OPEN = 1;
  static all = [];
  sent = [];
  readyState = 0;
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send = data => this.sent.push(data);
  close = code => this.end(code);
  open() {
    this.readyState = 1;
    this.onopen();
  }
  receive = data => this.onmessage({ data });
  end(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

test("delays double up to a bound and are spread by up to half", () => {
  assert.deepEqual([0, 1, 2, 5, 6, 7, 100].map(attempt => delayBefore(attempt, () => 0)), [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(delayBefore(0, () => 1), 250);
});

test("a connection answers, and is patient with its server", async () => {
  const connection = new FakeConnection();
  const states = [];
  const kept = keepConnection(connection, { onState: state => states.push(state) });
  await kept.started;

  assert.equal(connection.handlers.PresenceProbe(), true);
  assert.equal(connection.serverTimeoutInMilliseconds, 120_000);
  assert.deepEqual([kept.state, states], ["online", ["online"]]);
});

test("a connection that cannot start tries on until it can", async t => {
  const timers = useFakeTimers(t);
  const connection = new FakeConnection();
  connection.fails = 3;
  const states = [];
  const kept = keepConnection(connection, { onState: state => states.push(state) });
  await settle();
  for (let i = 0; i < 3; i++) {
    await timers.fire();
  }

  await kept.started;
  assert.deepEqual([connection.starts, states, timers.count], [4, ["reconnecting", "online"], 0]);
  assert.ok(timers.delays[0] <= 500 && timers.delays[1] >= 500 && timers.delays[2] >= 1000, `${timers.delays}`);
});

test("a connection that is taken for gone says so and comes again", async t => {
  const timers = useFakeTimers(t);
  const connection = new FakeConnection();
  const states = [];
  await keepConnection(connection, { onState: state => states.push(state) }).started;

  connection.closed(new Error("Server returned an error on close: Presence: nothing was heard from this client for too long, so it was taken for gone. Connect again."));
  await timers.fire();

  assert.deepEqual([states, connection.starts], [["online", "expired", "online"], 2]);
});

test("a connection that reconnects by itself is left to do so", async t => {
  const timers = useFakeTimers(t);
  const connection = new FakeConnection();
  const states = [];
  await keepConnection(connection, { onState: state => states.push(state) }).started;

  connection.reconnecting(new Error("gone"));
  connection.reconnected();

  assert.deepEqual([states, connection.starts, timers.count], [["online", "reconnecting", "online"], 1, 0]);
});

test("a connection that is stopped stays so", async t => {
  const timers = useFakeTimers(t);
  const connection = new FakeConnection();
  const kept = keepConnection(connection);
  await kept.started;

  await kept.stop();

  assert.deepEqual([kept.state, timers.count], ["stopped", 0]);
});

test("a socket answers questions, hands over the rest, and is opened again", async t => {
  globalThis.WebSocket = FakeSocket;
  FakeSocket.all = [];
  const timers = useFakeTimers(t);
  const states = [], messages = [];
  const kept = keepSocket("ws://server/ws", { onState: state => states.push(state), onMessage: message => messages.push(message) });
  assert.equal(kept.send("too soon"), false);
  FakeSocket.all[0].open();
  await kept.started;

  FakeSocket.all[0].receive("presence?");
  FakeSocket.all[0].receive("hello");
  assert.equal(kept.send("hi"), true);
  FakeSocket.all[0].end(4001);
  assert.equal(kept.state, "expired");
  await timers.fire();
  FakeSocket.all[1].open();
  await settle();

  assert.deepEqual([FakeSocket.all[0].sent, messages, states], [["presence!", "hi"], ["hello"], ["online", "expired", "online"]]);
});

test("a socket that was replaced is not opened again", async t => {
  globalThis.WebSocket = FakeSocket;
  FakeSocket.all = [];
  const timers = useFakeTimers(t);
  const kept = keepSocket("ws://server/ws");
  FakeSocket.all[0].open();
  await kept.started;

  FakeSocket.all[0].end(4002);
  await timers.fire();

  assert.deepEqual([kept.state, FakeSocket.all.length], ["replaced", 1]);
});
