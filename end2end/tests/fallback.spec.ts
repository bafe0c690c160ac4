import { upToDate, watchOrder } from "../support/back";
import { expect, test } from "../support/test";
import { until } from "../support/until";

const POLL = /poll/;

test("P3 a blocked socket: the console reports it, and everything works by poll", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await bob.opens(anna);
  const stays = await anna.staysOnThePage();

  const told = anna.hears("Falling back to polling mechanism");
  network.sockets("refuse");
  await told;
  await anna.isAt("polling", 30_000);
  await bob.isAt("polling", 30_000);

  await anna.says("by poll");
  await bob.sees("by poll");
  await bob.says("and back");
  await anna.sees("and back");
  await bob.types("Hm");
  await anna.seesTyping(bob);
  await bob.says("Hm, well");
  await anna.seesNobodyTyping();
  await expect(bob.message("Hm, well")).toHaveAttribute("data-state", "read");
  await anna.seesExactly(["by poll", "and back", "Hm, well"]);
  await bob.seesExactly(["by poll", "and back", "Hm, well"]);

  const taken = anna.hears("WebSocket connection established");
  await network.heal();
  await taken;
  await anna.isAt("connected", 40_000);
  await bob.isAt("connected", 40_000);
  await anna.says("live again");
  await bob.sees("live again");
  await stays();
  await until(() => network.held().filter((path) => POLL.test(path)).length === 0, "no poll beside the socket", 30_000);
});

for (const locks of ["", ", without Web Locks"]) test(`P3 the list is updated by poll, too, and one held poll serves two tabs${locks}`, async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  // As on a page over plain HTTP from another machine.
  if (locks) await anna.page.context().addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }));
  const bob = await people.join("bob");
  const carol = await people.bot("carol");
  const conversation = await anna.opens(bob);
  const second = await anna.tab();
  await second.goes("/");
  await second.isLive();

  network.sockets("refuse");
  await anna.isAt("polling", 30_000);
  await second.isAt("polling", 30_000);
  await until(() => network.held().some((path) => POLL.test(path)), "a held poll", 30_000);

  await bob.api.send(conversation, "to both tabs");
  await anna.sees("to both tabs");
  await expect(second.listed("bob")).toContainText("to both tabs");
  await carol.send(await carol.conversation(["anna"]), "somebody new");
  await expect(second.listed("carol")).toContainText("somebody new");
  await second.seesUnread("carol", 1);
  await until(() => network.held().some((path) => POLL.test(path)), "a held poll again", 30_000);
  expect(network.held().filter((path) => POLL.test(path))).toHaveLength(1);

  // The tab that polls goes: the other takes over.
  await anna.page.close();
  await bob.api.send(conversation, "to the one that is left");
  await expect(second.listed("bob")).toContainText("to the one that is left", { timeout: 30_000 });
});

test("P3 polls replace a socket that is accepted and stays silent", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  network.sockets("silence");
  await anna.isAt("polling", 40_000);
  await bob.api.send(conversation, "through the silence");
  await anna.sees("through the silence");
  await anna.says("heard");
  await anna.knowsSent("heard");
  await anna.seesAllOf(conversation);
});

test("P3 messages arrive although a proxy ends held requests early", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  network.patience(1_500);
  network.sockets("refuse");
  await anna.isAt("polling", 30_000);
  for (const text of ["one", "two", "three"]) {
    await bob.api.send(conversation, text);
    await expect(anna.message(text)).toHaveCount(1, { timeout: 15_000 });
  }
  await anna.says("four");
  await anna.knowsSent("four");
  await anna.seesAllOf(conversation);
});

test("P3 F11 messages arrive within 2 seconds and once although a proxy ends held requests after 5 seconds", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const neverWrong = await watchOrder(anna);
  network.patience(5_000);
  network.sockets("refuse");
  await anna.isAt("polling", 30_000);
  const polls = () => network.requests.filter((path) => POLL.test(path)).length;
  const said: string[] = [];
  for (let n = 1; n <= 4; n++) {
    // One more was ended, and the next is held.
    const before = polls();
    await until(() => polls() >= before + 2, "two more polls", 20_000);
    said.push(`news ${n}`);
    await bob.api.send(conversation, `news ${n}`);
    await upToDate(anna, said);
  }
  await neverWrong();
  await anna.seesAllOf(conversation);
});
