// Runs the hook useChat.ts of the guide of the job chat, with the least of React that it needs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { WebSocket, blocks, path, resembles, until } from "./guide.mjs";

const guide = "job-chat-guide.md";
const [code] = blocks(guide, "### 1. WebSocket Connection (React/Next.js)", "typescript");
const [, received] = blocks(guide, "### 4. Message Format", "json").map((text) => JSON.parse(text));

const folder = mkdtempSync(join(tmpdir(), "hook-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "package.json"), '{"type": "module"}');
writeFileSync(join(folder, "useChat.ts"), code);
// React's types are not there, which is no fault of the hook: the compiler reports it and writes the script all the same.
spawnSync(path("node_modules/.bin/tsc"), ["useChat.ts", "--target", "es2022", "--module", "esnext"], { cwd: folder });

const react = join(folder, "node_modules/react");
mkdirSync(react, { recursive: true });
writeFileSync(join(react, "package.json"), '{"main": "index.js", "type": "module"}');
writeFileSync(
  join(react, "index.js"),
  `let slots = [], at = 0, effects = [], component;
   export function render(of) {
     component = of ?? component;
     at = 0;
     const shown = component();
     for (const effect of effects.splice(0)) effect.end = effect.run();
     return shown;
   }
   export const unmount = () => slots.forEach((slot) => slot.end?.());
   const slot = (make) => (slots[at++] ??= make());
   export const useRef = (current) => slot(() => ({ current }));
   export function useState(first) {
     const state = slot(() => ({ value: first }));
     return [state.value, (next) => { state.value = typeof next === "function" ? next(state.value) : next; }];
   }
   export function useEffect(run, depends) {
     const effect = slot(() => ({}));
     if (JSON.stringify(effect.depends) === JSON.stringify(depends)) return;
     effects.push(Object.assign(effect, { run, depends }));
   }`,
);

const logged = [];
let sounds = 0;
Object.assign(globalThis, { WebSocket, playNotificationSound: () => (sounds += 1) });
console.log = (line) => logged.push(line);
const { render, unmount } = await import(pathToFileURL(join(react, "index.js")));
const { useChat } = await import(pathToFileURL(join(folder, "useChat.js")));

assert.equal(render(() => useChat(1)).isConnected, false);
await until("the connection", () => render().isConnected);
render().sendMessage("Hello! Can we start tomorrow?");
const messages = await until("both messages", () => {
  const { messages } = render();
  return messages.length === 2 && messages;
});
resembles({ type: "message", message: messages[0] }, received);
assert.deepEqual(messages.map((message) => message.message_text), ["Hello! Can we start tomorrow?", "Yes, at nine"]);
assert.deepEqual(messages.map((message) => message.sender_name), ["anna", "Ben Baker"]);
assert.equal(sounds, 2);
assert(Math.abs(new Date(messages[1].timestamp) - Date.now()) < 60_000);
unmount();
await until("the end", () => !render().isConnected);
assert.deepEqual(logged, ["WebSocket connected", "WebSocket disconnected"]);
process.exit(0);
