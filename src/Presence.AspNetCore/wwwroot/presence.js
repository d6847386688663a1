// Keeps a page present: answers the server's questions in the page's own message handler, connects again when the connection is lost, and says what is so.
// It uses no timer to prove that the page lives: browsers throttle the timers of hidden pages, and not their message handlers.

const question = "presence?";
const answer = "presence!";
const expiredStatus = 4001;
const replacedStatus = 4002;
const firstDelay = 500;
const longestDelay = 30_000;
const ignore = _ => {};

/** How long to wait before an attempt: twice as long each time, and by chance up to half of it less, so that the pages of a server that restarts don't come all at once. */
export function delayBefore(attempt, random = Math.random) {
  return Math.min(longestDelay, firstDelay * 2 ** attempt) * (1 - random() / 2);
}

/** Keeps a SignalR connection started. Build it without, or with, automatic reconnect: what that gives up is taken up here. */
export function keepConnection(connection, { onState = ignore, onHidden = ignore, serverTimeout = 120_000 } = {}) {
  const keeper = new Keeper(onState, onHidden, () => connection.start());
  connection.serverTimeoutInMilliseconds = serverTimeout; // else the client hangs up on a server that stands still for 30 s
  connection.on("PresenceProbe", () => true);
  connection.onreconnecting(error => keeper.tell(isExpiry(error) ? "expired" : "reconnecting"));
  connection.onreconnected(() => keeper.tell("online"));
  connection.onclose(error => keeper.lost(isExpiry(error)));
  return {
    get state() {
      return keeper.state;
    },
    started: keeper.start(),
    stop() {
      keeper.stop();
      return connection.stop();
    },
  };
}

/** Opens a WebSocket of MapPresenceWebSocket, and opens it again when it is lost. */
export function keepSocket(url, { onState = ignore, onHidden = ignore, onMessage = ignore, protocols = [] } = {}) {
  let socket;
  const keeper = new Keeper(onState, onHidden, () => new Promise((resolve, reject) => {
    let isOpen = false;
    const opening = socket = new WebSocket(url, protocols);
    socket.onopen = () => {
      isOpen = true;
      resolve();
    };
    socket.onmessage = event => {
      if (event.data === question) {
        opening.send(answer);
      } else {
        onMessage(event.data);
      }
    };
    socket.onclose = event => {
      if (!isOpen) {
        reject(new Error(`The WebSocket was closed with ${event.code}.`));
      } else if (event.code === replacedStatus) {
        keeper.stop("replaced"); // the client is elsewhere now; to connect again would be to take turns
      } else {
        keeper.lost(event.code === expiredStatus);
      }
    };
  }));
  return {
    get state() {
      return keeper.state;
    },
    started: keeper.start(),
    send(data) {
      const isOpen = socket?.readyState === WebSocket.OPEN;
      if (isOpen) {
        socket.send(data);
      }

      return isOpen;
    },
    stop() {
      keeper.stop();
      socket?.close(1000);
    },
  };
}

function isExpiry(error) {
  return /taken for gone/.test(error?.message ?? "");
}

class Keeper {
  state = "connecting";
  #onState;
  #connect;
  #timer;
  #onVisibility;

  constructor(onState, onHidden, connect) {
    this.#onState = onState;
    this.#connect = connect;
    this.#onVisibility = () => {
      onHidden(document.visibilityState === "hidden");
      if (document.visibilityState === "visible" && this.#timer !== undefined) {
        clearTimeout(this.#timer); // it may have been throttled for a minute
        this.#attempt(0);
      }
    };
    globalThis.document?.addEventListener("visibilitychange", this.#onVisibility);
  }

  start() {
    return new Promise(resolve => this.#attempt(0, resolve));
  }

  stop(state = "stopped") {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    globalThis.document?.removeEventListener("visibilitychange", this.#onVisibility);
    this.tell(state);
  }

  lost(isExpired) {
    if (!this.#isOver) {
      this.tell(isExpired ? "expired" : "reconnecting");
      this.#later(0);
    }
  }

  tell(state) {
    if (state !== this.state) {
      this.state = state;
      this.#onState(state);
    }
  }

  get #isOver() {
    return this.state === "stopped" || this.state === "replaced";
  }

  async #attempt(attempt, onStarted) {
    this.#timer = undefined;
    try {
      await this.#connect();
    } catch {
      if (!this.#isOver) {
        this.tell("reconnecting");
        this.#later(attempt, onStarted);
      }

      return;
    }

    if (!this.#isOver) {
      this.tell("online");
      onStarted?.();
    }
  }

  #later(attempt, onStarted) {
    this.#timer = setTimeout(() => this.#attempt(attempt + 1, onStarted), delayBefore(attempt));
  }
}
