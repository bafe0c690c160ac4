import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { People } from "../support/people";
import { binary, environment, run, Server } from "../support/server";
import { expect, test } from "../support/test";
import { until } from "../support/until";

test("R1 the program is one file: it runs from any folder and contains its pages", async ({ browser }) => {
  test.skip(!binary().includes("release"), "only the release has its assets inside");
  const elsewhere = mkdtempSync(join(tmpdir(), "rapport-alone-"));
  const path = join(elsewhere, "chat");
  copyFileSync(binary(), path);
  const server = new Server({ PATH: "", HOME: elsewhere }, { cwd: elsewhere, path });
  const people = new People(browser, () => server.url);
  try {
    await server.start();
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    await anna.opens(bob);
    await anna.says("From one file");
    await anna.knowsSent("From one file");
    expect(people.watch.problems).toEqual([]);
  } finally {
    await people.leave();
    await server.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test("R1 a port in use causes a clear error", async ({ server }) => {
  const listen = `127.0.0.1:${server.port}`;
  const second = await run(["serve"], { RAPPORT_LISTEN: listen, RAPPORT_DATA: join(server.data, "other") });
  expect(second.code).not.toBe(0);
  expect(second.said).toContain(listen);
  expect(second.said).toMatch(/in use|already/i);
  expect(second.said).not.toMatch(/panicked|Os \{/);
});

test("R1 a second server on the same data folder is refused with a clear error", async ({ server }) => {
  const second = await run(["serve"], { RAPPORT_LISTEN: "127.0.0.1:0", RAPPORT_DATA: server.data });
  expect(second.code).not.toBe(0);
  expect(second.said).toContain(server.data);
  expect(second.said).not.toMatch(/panicked|Os \{/);
  expect((await fetch(`${server.url}/readyz`)).status, "the first goes on").toBe(200);
});

test("R1 an invalid setting is refused with a clear error", async () => {
  for (const [name, value] of [
    ["RAPPORT_LISTEN", "here"],
    ["RAPPORT_PUBLIC_URL", "chat.example"],
    ["RAPPORT_SECRET", "short"],
    ["RAPPORT_LIMITS__SEND_BURST", "many"],
    ["RAPPORT_TRUSTED_PROXIES", "everybody"],
  ]) {
    const data = mkdtempSync(join(tmpdir(), "rapport-refused-"));
    const refused = await run(["serve"], { RAPPORT_DATA: data, RAPPORT_LISTEN: "127.0.0.1:0", [name]: value });
    rmSync(data, { recursive: true, force: true });
    expect(refused.code, `${name}=${value}`).not.toBe(0);
    expect(refused.said, `${name}=${value}`).toMatch(new RegExp(name.split("__").at(-1)!.replace("RAPPORT_", ""), "i"));
    expect(refused.said).not.toMatch(/panicked/);
  }
});

test("R1 it listens on a Unix socket", async () => {
  const data = mkdtempSync(join(tmpdir(), "rapport-unix-"));
  const socketPath = join(data, "rapport.sock");
  const status = () =>
    new Promise<number | undefined>((done) => {
      const asked = request({ socketPath, path: "/healthz", headers: { host: "localhost" } }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      });
      asked.on("error", () => done(undefined));
      asked.end();
    });
  const { spawn } = await import("node:child_process");
  const child = spawn(binary(), ["serve"], {
    env: { ...environment(), RAPPORT_DATA: data, RAPPORT_LISTEN: `unix:${socketPath}`, RAPPORT_PUBLIC_URL: "http://localhost" },
    stdio: "ignore",
  });
  const ended = new Promise((done) => child.on("close", done));
  try {
    await until(async () => (await status()) === 200, "an answer through the Unix socket");
  } finally {
    child.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
});

test("R1 secrets made at the first start are readable by their owner only", async ({ server }) => {
  const { readdirSync } = await import("node:fs");
  const secret = readdirSync(server.data).filter((name) => /secret|key/.test(name));
  expect(secret.length).toBeGreaterThan(0);
  for (const name of secret) expect(statSync(join(server.data, name)).mode & 0o777, name).toBe(0o600);
});

test("R1 rapport check finds no fault in a running server", async ({ server }) => {
  const check = await run(["check", "--quick", server.url], { RAPPORT_DATA: server.data });
  expect(check.said).not.toMatch(/failed|wrong/i);
  expect(check.code, check.said).toBe(0);
});
