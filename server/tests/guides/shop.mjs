// Sends and reads the messages of the guide of the shop chat, and runs its handler of typing indicators.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { WebSocket, blocks, path, resembles, until } from "./guide.mjs";

const guide = "shop-chat-guide.md";
const [formats] = blocks(guide, "### WebSocket Message Format", "javascript");
const literals = formats.split("\n\n");
assert.equal(literals.length, 3);
const [sending, receiving, typing] = literals.map((literal) => new Function(`return (\n${literal}\n);`)());
const [handler] = blocks(guide, "### 1. Typing Indicators", "javascript");
const shown = [];
const handle = new Function("data", "showTypingIndicator", handler);

const [, url] = /URL: `([^`]+)`/.exec(readFileSync(path(`end2end/fixtures/${guide}`), "utf8"));
const socket = new WebSocket(url.replace("<conversation_id>", "1"));
const heard = [];
socket.onmessage = (event) => {
  const data = JSON.parse(event.data);
  heard.push(data);
  handle(data, (user) => shown.push(user));
};
await until("the connection", () => socket.readyState === socket.OPEN);
socket.send(JSON.stringify(typing));
socket.send(JSON.stringify(sending));
const own = await until("the own message", () => heard.find((data) => data.message === sending.message));
resembles(own, receiving);
assert.equal(own.sender_username, "anna");
const answer = await until("the answer", () => heard.find((data) => data.message === "It is still there"));
resembles(answer, receiving);
assert.deepEqual([answer.sender_username, answer.sender_name], ["ben", "Ben Baker"]);
assert(Math.abs(new Date(`${answer.timestamp} UTC`) - Date.now()) < 120_000, answer.timestamp);
await until("the typing of the other, and its end", () => heard.some((data) => data.typing === false));
assert.deepEqual(shown, ["ben"], "shown once, when it begins");
socket.close();
process.exit(0);
