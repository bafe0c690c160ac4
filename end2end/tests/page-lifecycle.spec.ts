import { Api } from "../support/api";
import { upToDate, watchOrder } from "../support/back";
import { mangled } from "../support/frames";
import { rows } from "../support/page";
import { type Person } from "../support/people";
import { expect, test } from "../support/test";
import { until } from "../support/until";

for (const seed of [1, 2, 3]) {
  test(`F9 pushes out of order, doubled and lost: each message once, in order (seed ${seed})`, async ({ network, proxied: people, server }) => {
    test.setTimeout(120_000);
    network.mangle(mangled(seed));
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    const neverWrong = await watchOrder(anna);
    const direct = new Api(() => server.url, bob.api.token);
    const texts: string[] = [];
    for (let n = 1; n <= 40; n++) {
      texts.push(`message ${n}`);
      if (n % 5 === 0) await anna.says(`message ${n}`);
      else await direct.send(conversation, `message ${n}`);
      if (n % 5 === 0) await anna.knowsSent(`message ${n}`);
    }
    // Nothing was lost for good: the next that arrives tells what is missing.
    await network.heal();
    await direct.send(conversation, "the last");
    await anna.seesExactly([...texts, "the last"]);
    await expect(rows(anna.page)).toHaveCount(41);
    await neverWrong();
    await anna.seesAllOf(conversation);
  });
}

test("F10 a message between the page's load and its subscription is shown, once", async ({ network, proxied: people, server }) => {
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await bob.api.conversation(["anna"]);
  const direct = new Api(() => server.url, bob.api.token);
  await direct.send(conversation, "in the page");

  // The page arrives; its code, and so its socket, has to wait until the message is there.
  let go!: () => void;
  const gate = new Promise<void>((open) => (go = open));
  await anna.page.route(/\.(wasm|js)(\?|$)/, async (route) => {
    await gate;
    await route.continue();
  });
  await anna.page.goto(`${network.url}/c/${conversation}`, { waitUntil: "commit" });
  await anna.sees("in the page");
  await direct.send(conversation, "in between");
  await anna.seesNot("in between");
  go();
  await anna.isLive();
  await anna.seesExactly(["in the page", "in between"]);
});

test("F11 a frozen tab whose connection died is up to date in 2 seconds", async ({ network, proxied: people, server }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const direct = new Api(() => server.url, bob.api.token);
  const devtools = await anna.page.context().newCDPSession(anna.page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  await network.cut();
  await network.heal();
  const said: string[] = [];
  for (let n = 1; n <= 30; n++) {
    said.push(`while frozen ${n}`);
    await direct.send(conversation, `while frozen ${n}`);
  }
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  await upToDate(anna, said);
});

test("F11 a frozen tab whose connection fell into a black hole is up to date in 2 seconds, without duplicates", async ({ network, proxied: people, server }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const neverWrong = await watchOrder(anna);
  const direct = new Api(() => server.url, bob.api.token);
  const devtools = await anna.page.context().newCDPSession(anna.page);
  // A browser freezes only tabs that nobody sees.
  await anna.looksAway();
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  network.forget(); // nobody is told: what a router does that has lost its table
  const said: string[] = [];
  for (let n = 1; n <= 30; n++) {
    said.push(`while frozen ${n}`);
    await direct.send(conversation, `while frozen ${n}`);
  }
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  await anna.looksBack();
  await upToDate(anna, said);
  await neverWrong();
});

// What a browser tells a page that it keeps and brings back. None keeps ours, which is not to be stored (see "Why…" in
// ARCHITECTURE.md); should one do so all the same, this is what happens.
test("F11 a page restored from the back/forward cache is up to date in 2 seconds (simulated)", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "before");
  await anna.opens(conversation);
  await anna.types("half a");
  const stays = await anna.staysOnThePage();
  const closed = anna.hears("WebSocket connection closed");
  await passes(anna, "pagehide");
  await closed;
  await bob.send(conversation, "while it was away");
  await anna.seesNot("while it was away");
  await passes(anna, "pageshow");
  await upToDate(anna, ["before", "while it was away"]);
  await stays();
  await anna.isAt("connected");
  await anna.types(" sentence");
  await anna.page.keyboard.press("Enter");
  await anna.knowsSent("half a sentence");
  await anna.seesAllOf(conversation);
});

const passes = (person: Person, name: string) =>
  person.page.evaluate((name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })), name);

test("F11 a browser clock that is an hour off does not change the order", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  for (const [person, off] of [[anna, 3_600_000], [bob, -3_600_000]] as const) {
    await person.page.addInitScript((off) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + off;
    }, off);
  }
  const conversation = await anna.loads(bob);
  await bob.loads(anna);
  for (let n = 1; n <= 4; n++) {
    await anna.says(`anna ${n}`);
    await bob.sees(`anna ${n}`);
    await bob.says(`bob ${n}`);
    await anna.sees(`bob ${n}`);
  }
  await anna.seesAllOf(conversation);
  await bob.seesAllOf(conversation);
  const typing = async () => (await anna.types("?"), await bob.seesTyping(anna), await bob.seesNobodyTyping());
  await typing();
});

test.describe("F12 SIGTERM", () => {
  test.use({ settings: { RAPPORT_LIMITS__SOCKETS_PER_PERSON: "1000" } });

  test("F12 sockets get 1012, acknowledged messages are durable, and the server exits within 10 seconds", async ({ people, server }) => {
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    await anna.says("before");
    await anna.knowsSent("before");
    // Chromium opens at most 255 sockets.
    const plain = await people.window("many sockets");
    await plain.evaluate(
      async ([url, token]) => {
        const codes: number[] = [];
        Object.assign(window, { codes });
        for (let n = 0; n < 200; n++) {
          await new Promise<void>((open) => {
            const socket = new WebSocket(`${url}/ws/?token=${token}`);
            socket.onmessage = () => open();
            socket.onclose = (event) => codes.push(event.code);
          });
        }
      },
      [server.url.replace("http", "ws"), bob.api.token],
    );
    const began = Date.now();
    const ended = await server.stop();
    expect(ended).toEqual({ code: 0, signal: null });
    expect(Date.now() - began).toBeLessThan(10_000);
    const codes = () => plain.evaluate(() => (window as unknown as { codes: number[] }).codes);
    await until(async () => (await codes()).length === 200, "200 closed sockets");
    expect(new Set(await codes())).toEqual(new Set([1012]));

    await server.start();
    await anna.isAt("connected", 20_000);
    await anna.seesExactly(["before"]);
    await anna.seesAllOf(conversation);
  });
});
