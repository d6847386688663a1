/** What is so with a page. "expired": the server took it for gone, and it connects again, in a new session. "replaced": the client has connected elsewhere, and this page does not connect again. */
export type PresenceState = "connecting" | "online" | "reconnecting" | "expired" | "replaced" | "stopped";

export interface KeepOptions {
  /** Called when the state changes. */
  onState?: (state: PresenceState) => void;
  /** Called when the page is hidden or shown, such as to ask the server for patience. */
  onHidden?: (isHidden: boolean) => void;
}

export interface Kept {
  readonly state: PresenceState;
  /** Resolves when it is connected for the first time. */
  readonly started: Promise<void>;
  /** Ends the session, and connects no more. */
  stop(): void | Promise<void>;
}

/** What is used of a HubConnection of @microsoft/signalr. */
export interface SignalRConnection {
  serverTimeoutInMilliseconds: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  on(method: string, handler: (...args: any[]) => any): void;
  onclose(handler: (error?: Error) => void): void;
  onreconnecting(handler: (error?: Error) => void): void;
  onreconnected(handler: (connectionId?: string) => void): void;
}

/** Keeps a SignalR connection started and answers the server's questions. Build it without, or with, automatic reconnect. */
export function keepConnection(connection: SignalRConnection, options?: KeepOptions & {
  /** Milliseconds without a word from the server after which the client hangs up. Default 120,000. */
  serverTimeout?: number;
}): Kept;

export interface KeptSocket extends Kept {
  /** Sends a message, if there is a connection. Returns whether there was. */
  send(data: string | BufferSource | Blob): boolean;
}

/** Opens a WebSocket of MapPresenceWebSocket, answers the server's questions, and opens it again when it is lost. */
export function keepSocket(url: string | URL, options?: KeepOptions & {
  /** Takes the messages that are not the server's questions. */
  onMessage?: (data: string | Blob | ArrayBuffer) => void;
  protocols?: string | string[];
}): KeptSocket;

/** Milliseconds before an attempt, counted from 0. */
export function delayBefore(attempt: number, random?: () => number): number;
