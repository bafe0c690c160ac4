import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createListener } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AddressInfo } from "node:net";
import { expect, test } from "../support/test";

// The clients that an older chat's guide prints. They must run as they are printed, at the address that is printed
// in them; the guide's own reader puts a token in the place of YOUR_ACCESS_TOKEN.

const guide = readFileSync(join(__dirname, "../fixtures/websocket-guide.md"), "utf8");

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(guide)?.[1];
  if (!found) throw new Error(`The guide has no ${language}.`);
  return found;
}

/** The interface of the guide's JavaScript client. */
interface WebSocketService {
  connect(conversation: number, token: string): void;
  disconnect(): void;
  sendMessage(content: string): void;
  deleteMessage(id: number): void;
  sendTyping(isTyping: boolean): void;
  on(event: string, callback: (data: unknown) => void): void;
}

type Heard = { type: string; message?: { id: number; content: string }; message_id?: number; is_typing?: boolean; username?: string };

const free = (port: number) =>
  new Promise<boolean>((done) => {
    const listener = createListener();
    listener.once("error", () => done(false));
    listener.listen(port, "127.0.0.1", () => listener.close(() => done(true)));
  });

test.describe("X1 the clients of the guide, on localhost:8000", () => {
  test.describe.configure({ mode: "serial" });
  test.use({ settings: { RAPPORT_LISTEN: "127.0.0.1:8000" } });
  test.beforeEach(async () => {
    test.skip(!(await free(8000)), "port 8000 is taken, and the clients of the guide know no other");
  });

  test("X1 T10 the JavaScript class WebSocketService, in a page of another port", async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);

    const site = createServer((request, response) => {
      const script = request.url === "/websocketService.js";
      response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
      response.end(script ? block("javascript") : "<!doctype html><title>A page of somebody else's</title><link rel=icon href=data:>");
    });
    await new Promise<void>((ready) => site.listen(0, "127.0.0.1", ready));
    const page = await people.window("bob's own page");
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await page.evaluate(
      async ([conversation, token]) => {
        const path = "/websocketService.js";
        const service: WebSocketService = (await import(path)).default;
        const heard: unknown[] = [];
        for (const type of ["connection_established", "new_message", "typing", "message_deleted"]) {
          service.on(type, (data) => heard.push(data));
        }
        Object.assign(window, { service, heard });
        service.connect(Number(conversation), String(token));
      },
      [conversation, bob.api.token],
    );
    const heard = (type: string) =>
      page.evaluate((type) => (window as unknown as { heard: Heard[] }).heard.filter((one) => one.type === type), type);
    const service = <A>(call: (service: WebSocketService, argument: A) => void, argument: A) =>
      page.evaluate(`(${call})(window.service, ${JSON.stringify(argument)})`);
    await expect.poll(() => heard("connection_established")).toHaveLength(1);

    await service((service, text) => service.sendMessage(text), "Hello from the guide");
    await anna.sees("Hello from the guide");
    await anna.says("Hello, guide");
    await expect
      .poll(async () => (await heard("new_message")).map((one) => one.message?.content))
      .toEqual(["Hello from the guide", "Hello, guide"]);

    await service((service, is) => service.sendTyping(is), true);
    await anna.seesTyping(bob);
    await service((service, is) => service.sendTyping(is), false);
    await anna.seesNobodyTyping(2_000);
    await anna.types("I type");
    await expect.poll(async () => (await heard("typing")).at(0)).toMatchObject({ username: "anna", is_typing: true });

    // For oneself alone: the other still sees it.
    const id = (await heard("new_message"))[1].message!.id;
    await service((service, id) => service.deleteMessage(id), id);
    await expect.poll(() => heard("message_deleted")).toMatchObject([{ message_id: id }]);
    await anna.sees("Hello, guide");
    await bob.opens(conversation);
    await bob.seesExactly(["Hello from the guide"]);
    await service((service) => service.disconnect(), null);
    site.close();
  });

  test("X1 the Python script", async ({ people }) => {
    const python = process.env.E2E_PYTHON;
    test.skip(!python, "Python's websockets package is not installed (tools/install-python-websockets)");
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    expect(await anna.opens(bob), "the conversation that the script names").toBe(1);
    const script = block("python").replace("YOUR_ACCESS_TOKEN", bob.api.token);
    const { stdout } = await promisify(execFile)(python!, ["-c", script], { timeout: 20_000 });
    const [first, second] = stdout.trim().split("\n");
    expect(JSON.parse(first.replace(/^Connected: /, ""))).toMatchObject({
      type: "connection_established",
      message: "Connected to chat",
    });
    expect(JSON.parse(second.replace(/^Response: /, ""))).toMatchObject({
      type: "new_message",
      message: { content: "Hello from Python!", sender: { username: "bob" } },
    });
    await anna.seesExactly(["Hello from Python!"]);
  });
});
