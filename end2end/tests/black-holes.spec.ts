import { Api } from "../support/api";
import { upToDate, watchOrder } from "../support/back";
import { composer } from "../support/page";
import type { Person } from "../support/people";
import type { Proxy } from "../support/proxy";
import { expect, test } from "../support/test";
import { until } from "../support/until";

// Lines that die without a word: what is open stays open and delivers nothing, and what is new is accepted and
// swallowed. When that ends, what fell in never comes back; only what is asked anew is answered.

test.beforeEach(({ proxied }) => {
  test.setTimeout(150_000);
  proxied.watch.expectBrokenLink();
});

const badge = (person: Person) => person.page.locator(".badge:visible").first();

/** Waits until so many more requests and sockets have fallen into the hole. */
async function fall(network: Proxy, many: number) {
  const before = network.requests.length;
  await until(() => network.requests.length >= before + many, `${many} that fell in`, 60_000);
}

for (const many of [0, 1, 3, 8, 20]) {
  test(`P2 P4 F11 a black hole during ${many} attempts: never shown as connected, and up to date in 2 seconds afterwards`, async ({ network, proxied: people, server }) => {
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    const stays = await anna.staysOnThePage();
    const neverWrong = await watchOrder(anna);
    const direct = new Api(() => server.url, bob.api.token);
    network.swallow();
    await anna.says("into the hole");
    // A send detects it soon.
    await expect(badge(anna)).toContainText("Reconnecting", { timeout: 5_500 });
    await expect(badge(anna)).toHaveAttribute("title", /kept and sent when the server answers/);
    await direct.send(conversation, "missed");
    await fall(network, many);
    await network.heal();
    await upToDate(anna, ["missed", "into the hole"]);
    await anna.isAt("connected");
    await anna.knowsSent("into the hole");
    await stays();
    await neverWrong();
    await anna.seesAllOf(conversation);
  });
}

test("P2 F11 an untouched tab detects a black hole, too", async ({ network, proxied: people, server }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const direct = new Api(() => server.url, bob.api.token);
  network.swallow();
  await direct.send(conversation, "missed");
  await expect(badge(anna)).toContainText("Reconnecting", { timeout: 30_000 });
  await network.heal();
  await upToDate(anna, ["missed"]);
});

for (const [what, does] of [
  ["a letter is typed", (anna: Person) => composer(anna.page).press("x")],
  ["the pointer moves", (anna: Person) => anna.page.mouse.move(300, 300)],
  ["the window gets the focus", (anna: Person) => anna.page.evaluate(() => window.dispatchEvent(new Event("focus")))],
  ["the tab is shown", (anna: Person) => anna.looksBack()],
  ["the browser has a network", (anna: Person) => anna.page.evaluate(() => window.dispatchEvent(new Event("online")))],
] as const) {
  test(`P4 F11 a dead connection is detected as soon as ${what}`, async ({ network, proxied: people, server }) => {
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    const direct = new Api(() => server.url, bob.api.token);
    if (what === "the tab is shown") await anna.looksAway();
    // Long enough for nobody to believe that the line was heard just now.
    const heard = Date.now();
    await until(() => Date.now() > heard + 2_500, "a silent line");
    network.forget();
    await direct.send(conversation, "missed");
    await does(anna);
    await upToDate(anna, ["missed"]);
    await anna.isAt("connected");
  });
}

for (const many of [0, 6]) {
  test(`P2 F11 polls fall into a black hole with ${many} more: not shown as up to date, and up to date in 2 seconds afterwards`, async ({ network, proxied: people, server }) => {
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    const neverWrong = await watchOrder(anna);
    const direct = new Api(() => server.url, bob.api.token);
    network.sockets("refuse");
    await anna.isAt("polling", 30_000);
    await expect(badge(anna)).toHaveAttribute("title", "Messages still arrive");
    network.swallow();
    await anna.says("not answered");
    await expect(badge(anna)).toContainText("Reconnecting", { timeout: 6_000 });
    await direct.send(conversation, "missed");
    await fall(network, many);
    await network.heal();
    await upToDate(anna, ["missed", "not answered"]);
    await anna.knowsSent("not answered");
    await neverWrong();
    await anna.seesAllOf(conversation);
  });
}

test("F2 F11 three polling tabs recover from a black hole together", async ({ network, proxied: people, server }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const tabs = [anna, await anna.tab(), await anna.tab()];
  for (const tab of tabs.slice(1)) await tab.opens(conversation);
  const direct = new Api(() => server.url, bob.api.token);
  // Where nothing but polls will ever be answered.
  network.sockets("refuse");
  for (const tab of tabs) await tab.isAt("polling", 30_000);
  network.swallow();
  await tabs[2].says("not answered");
  await expect(badge(tabs[2])).toContainText("Reconnecting", { timeout: 6_000 });
  await fall(network, 8);
  await direct.send(conversation, "missed");
  network.surface();
  for (const tab of tabs) await upToDate(tab, ["missed", "not answered"]);
  await tabs[2].knowsSent("not answered");
});
