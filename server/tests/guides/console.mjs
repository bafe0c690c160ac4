// Types the lines of the browser console of the guide of the job chat.
import assert from "node:assert/strict";
import vm from "node:vm";
import { WebSocket, blocks, resembles, until } from "./guide.mjs";

const guide = "job-chat-guide.md";
const [code] = blocks(guide, "#### Browser Console Test", "javascript");
const [, received] = blocks(guide, "### 4. Message Format", "json").map((text) => JSON.parse(text));
const logged = [];
const page = vm.createContext({
  WebSocket,
  console: { log: (...words) => logged.push(words), error: (...words) => assert.fail(words.join(" ")) },
});
// A person types the lines one after another.
const [open, send] = code.split("// Send message\n");
vm.runInContext(open, page);
await until("the connection", () => logged.length === 1);
assert.deepEqual(logged[0], ["Connected!"]);
vm.runInContext(send, page);
const [, [word, frame]] = await until("the message", () => logged.length === 2 && logged);
assert.equal(word, "Received:");
resembles(frame, received);
assert.equal(frame.message.message_text, "Hello");
process.exit(0);
