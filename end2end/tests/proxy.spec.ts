import { Agent, createServer, request, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { Proxy } from "../support/proxy";
import { until } from "../support/until";

// The network that the other tests trust: it has to do what it says.

let behind: Server;
let proxy: Proxy;

test.beforeEach(async () => {
  behind = createServer((request, response) => {
    if (request.url === "/held") return; // never answered
    response.end(`you asked for ${request.url}`);
  });
  behind.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    socket.on("data", (bytes) => socket.write(bytes));
    socket.on("error", () => {});
  });
  await new Promise<void>((ready) => behind.listen(0, "127.0.0.1", ready));
  proxy = new Proxy(() => (behind.address() as AddressInfo).port);
  await proxy.start();
});

test.afterEach(async () => {
  await proxy.close();
  behind.closeAllConnections();
  behind.close();
});

/** The status of an answer, or the code of the error. */
function ask(path: string): Promise<number | string | undefined> {
  return new Promise((done) => {
    const asked = request(proxy.url + path, { agent: new Agent() }, (answer) => {
      answer.resume().on("end", () => done(answer.statusCode));
    });
    asked.on("error", (error: NodeJS.ErrnoException) => done(error.code));
    asked.end();
  });
}

/** A socket through the proxy: what came of it so far. */
function socket() {
  const line = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  const state = { text: "", closed: false, say: (text: string) => line.write(text), end: () => line.destroy() };
  line.on("data", (bytes) => (state.text += bytes));
  line.on("error", () => {});
  line.on("close", () => (state.closed = true));
  line.write("GET /ws/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  return state;
}

test("the proxy forwards, cuts and heals", async () => {
  expect(await ask("/a")).toBe(200);
  const line = socket();
  await until(() => line.text.includes(" 101 "), "the upgrade");
  line.say("echo");
  await until(() => line.text.endsWith("echo"), "the echo");
  expect(proxy.open).toBe(1);
  expect(proxy.requests).toEqual(["/a", "/ws/"]);
  await proxy.cut();
  await until(() => line.closed, "the end of the line");
  expect(await ask("/a")).toBe("ECONNREFUSED");
  await proxy.heal();
  expect(await ask("/a")).toBe(200);
});

test("the proxy refuses sockets, or answers them with silence", async () => {
  const before = socket();
  await until(() => before.text.includes(" 101 "), "the upgrade");
  proxy.sockets("refuse");
  await until(() => before.closed, "the end of the open one");
  const refused = socket();
  await until(() => refused.closed, "the end");
  expect(refused.text).toContain(" 403 ");
  expect(await ask("/a")).toBe(200);

  proxy.sockets("silence");
  const silent = socket();
  await until(() => silent.text.includes("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "the accepted key");
  silent.say("echo");
  expect(await ask("/a"), "others are served meanwhile").toBe(200);
  expect(silent.text).not.toContain("echo");
  silent.end();
});

test("the proxy delays bytes, and drops connections silently", async () => {
  const line = socket();
  await until(() => line.text.includes(" 101 "), "the upgrade");
  proxy.pause();
  line.say("late");
  proxy.resume();
  await until(() => line.text.endsWith("late"), "the late echo");
  proxy.forget();
  line.say("lost");
  expect(await ask("/a"), "new lines work").toBe(200);
  expect(line.text).not.toContain("lost");
  expect(line.closed).toBe(false);
  line.end();
});

test("the proxy lists held requests, and ends them after a timeout", async () => {
  const held = ask("/held");
  await until(() => proxy.held(50).includes("/held"), "a held request");
  await proxy.cut();
  expect(await held).toBe("ECONNRESET");
  await proxy.heal();
  proxy.patience(200);
  expect(await ask("/held")).toBe(504);
  expect(await ask("/a")).toBe(200);
});
