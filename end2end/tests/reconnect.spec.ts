import { Api } from "../support/api";
import { BACK, upToDate, watchOrder } from "../support/back";
import { expect, test } from "../support/test";
import type { Person } from "../support/people";

/** The badge, as it is on the screen in words. */
const badge = (person: Person) => person.page.locator(".badge:visible").first();

test("P4 kill -9 and restart: no reload, no duplicate, no gap", async ({ people, server }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  const stays = await anna.staysOnThePage();
  const said: string[] = [];
  for (let round = 1; round <= 3; round++) {
    for (const text of [`before kill ${round}`, `during kill ${round}`]) {
      said.push(text);
      await anna.says(text);
      if (text.startsWith("before")) await server.kill();
    }
    await server.start();
    await upToDate(bob, said);
    await anna.seesExactly(said);
  }
  await stays();
  await anna.seesAllOf(conversation);
});

test("P4 a cut cable", async ({ network, proxied: people, server }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const stays = await anna.staysOnThePage();
  const direct = new Api(() => server.url, bob.api.token);
  await anna.says("before");
  await anna.knowsSent("before");

  await network.cut();
  await expect(anna.page.locator("html")).not.toHaveAttribute("data-link", "connected");
  await anna.says("written in the dark");
  const said = ["before"];
  for (let n = 1; n <= 60; n++) {
    said.push(`missed ${n}`);
    await direct.send(conversation, `missed ${n}`);
  }
  await network.heal();
  await upToDate(anna, [...said, "written in the dark"]);
  await anna.knowsSent("written in the dark");
  await stays();
  await anna.seesAllOf(conversation);
});

test("P4 a black hole: the connection stays open and delivers nothing", async ({ network, proxied: people }) => {
  test.setTimeout(150_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  // Heard a moment ago: that alone must not pass for a line that is there.
  await bob.api.send(conversation, "before the hole");
  await expect(anna.message("before the hole")).toHaveCount(1);
  network.forget();
  // The sender notices first, and changes the transport.
  await anna.says("into the hole");
  await expect(anna.message("into the hole")).toHaveAttribute("data-state", /sent|delivered|read/, { timeout: BACK });
  await bob.api.send(conversation, "out of the hole");
  await expect(anna.message("out of the hole")).toHaveCount(1, { timeout: BACK });
  await anna.seesAllOf(conversation);
});

test("P4 a tunnel: no byte is lost, all are late", async ({ network, proxied: people, server }) => {
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const direct = new Api(() => server.url, bob.api.token);
  network.pause();
  await anna.says("from the tunnel");
  await direct.send(conversation, "into the tunnel");
  network.resume();
  await anna.sees("from the tunnel", "into the tunnel");
  await anna.knowsSent("from the tunnel");
  await anna.seesAllOf(conversation);
});

test("P4 a slow link: the order is the same for all", async ({ network, proxied: people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  network.slow(300);
  for (let n = 1; n <= 5; n++) await Promise.all([anna.says(`anna ${n}`), bob.says(`bob ${n}`)]);
  await anna.knowsSent("anna 5");
  await bob.knowsSent("bob 5");
  await anna.seesAllOf(conversation);
  await bob.seesAllOf(conversation);
});

test("P4 the browser says that it is offline, and then online", async ({ people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const stays = await anna.staysOnThePage();
  await anna.page.context().setOffline(true);
  await anna.isAt("offline", 30_000);
  await bob.api.send(conversation, "while you were away");
  await anna.says("kept for later");
  await anna.page.context().setOffline(false);
  await upToDate(anna, ["while you were away", "kept for later"]);
  await anna.knowsSent("kept for later");
  await stays();
});

test("P4 F11 a socket that is silent after 101: polls meanwhile, and the socket again when it answers", async ({ network, proxied: people }) => {
  test.setTimeout(150_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const stays = await anna.staysOnThePage();
  const neverWrong = await watchOrder(anna);
  network.sockets("silence");
  await bob.api.send(conversation, "into the silence");
  await upToDate(anna, ["into the silence"]);
  await anna.isAt("polling");
  await bob.api.send(conversation, "by poll");
  await upToDate(anna, ["into the silence", "by poll"]);
  await network.heal();
  await anna.isAt("connected", 60_000);
  await stays();
  await neverWrong();
  await anna.seesAllOf(conversation);
});

test("P2 the five states, in words and in the title", async ({ network, proxied: people }) => {
  test.setTimeout(150_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  await anna.goes("/");
  await anna.isLive();
  await expect(badge(anna)).toContainText("Connected");
  await anna.page.context().setOffline(true);
  await expect(badge(anna)).toContainText("Offline");
  await expect(badge(anna)).toHaveAttribute("title", "Messages are kept and sent when you are back");
  await anna.page.context().setOffline(false);
  await expect(badge(anna)).toContainText("Connected");
  network.sockets("refuse");
  await expect(badge(anna)).toContainText("Slower connection", { timeout: 30_000 });
  await expect(badge(anna)).toHaveAttribute("title", "Messages still arrive");
  await network.cut();
  await expect(badge(anna)).toContainText("Reconnecting", { timeout: 30_000 });
  await network.heal();
  await expect(badge(anna)).toContainText("Connected", { timeout: 40_000 });
  const second = await anna.tab();
  await second.signsOut();
  await expect(badge(anna)).toContainText("Cannot connect");
  await expect(badge(anna)).toHaveAttribute("title", "You are signed out");
});
