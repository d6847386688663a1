import * as signalR from "@microsoft/signalr";
import { keepConnection, keepSocket, type Kept, type KeptSocket, type PresenceState } from "./presence.js";

const connection = new signalR.HubConnectionBuilder().withUrl("/hub").withAutomaticReconnect().build();
const kept: Kept = keepConnection(connection, { onState: (state: PresenceState) => console.log(state), onHidden: isHidden => connection.invoke("Hidden", isHidden), serverTimeout: 60_000 });
const socket: KeptSocket = keepSocket("/ws", { onMessage: data => console.log(data) });
const sent: boolean = socket.send("hello");
// @ts-expect-error: there is no such state
const wrong: boolean = kept.state === "gone";
await kept.started;
await kept.stop();
socket.stop();
console.log(sent, wrong);
