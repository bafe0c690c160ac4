import * as ui from "../support/page";
import { expect, test } from "../support/test";

test("P1 online while any tab is open, offline some seconds after the last one", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  const head = anna.page.getByRole("main").locator("header");
  await bob.opens(anna);
  const second = await bob.tab();
  await second.opens(anna);
  await expect(head).toContainText("Online", { timeout: 2_000 });

  await bob.page.close();
  await second.says("I am still here");
  await anna.sees("I am still here");
  await expect(head).toContainText("Online");
  await second.page.close();
  await expect(head).not.toContainText("Online", { timeout: 15_000 });
});

test("P1 away after five minutes without input, or as soon as the page is hidden; back with the first input", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  const head = anna.page.getByRole("main").locator("header");
  // Bob's clock is ours; Anna's browser has its own. Bob's wakes as if from a sleep of minutes.
  await bob.page.clock.install();
  await bob.loads(anna);
  await expect(head).toContainText("Online");

  await bob.page.clock.fastForward("04:30");
  await bob.isAt("connected");
  await expect(head).toContainText("Online");
  await bob.page.clock.fastForward("00:40");
  await bob.isAt("connected");
  // Polls stood in while the socket came back: what they began with is believed for 15 s.
  await expect(head).toContainText("Away", { timeout: 30_000 });
  await bob.page.mouse.move(200, 200);
  await expect(head).toContainText("Online");

  await bob.looksAway();
  await expect(head).toContainText("Away");
  await bob.looksBack();
  await expect(head).toContainText("Online");

  // Somebody who is at another tab is there.
  const second = await bob.tab();
  await second.goes("/");
  await second.isLive();
  await bob.looksAway();
  await expect(head).toContainText("Online");
  await second.looksAway();
  await expect(head).toContainText("Away");
});

test("P2 the badge shows the state of the connection in words", async ({ network, proxied: people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  await anna.goes("/");
  await anna.isLive();
  const badge = ui.badge(anna.page);
  await expect(badge).toContainText("Connected");
  const closed = anna.hears("WebSocket connection closed");
  network.sockets("refuse");
  await closed;
  await expect(badge).toContainText("Slower connection", { timeout: 30_000 });
  await expect(badge).toContainText("Messages still arrive");
  await network.cut();
  await expect(badge).toContainText(/Reconnecting|Offline/, { timeout: 60_000 });
  await network.heal();
  await expect(badge).toContainText("Connected", { timeout: 40_000 });
});
