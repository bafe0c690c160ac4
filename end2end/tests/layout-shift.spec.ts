import type { Page } from "@playwright/test";
import { SIZES } from "../support/axe";
import { expect, test } from "../support/test";

declare global {
  interface Window {
    /** Each shift of the layout, with what moved. */
    shifts: string[];
    /** When the page last changed. */
    changed: number;
  }
}

/** Keeps account of what moves, from the first moment of each page on. */
async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.shifts = [];
    window.changed = performance.now();
    const name = (node: Node | null) => (node instanceof Element ? `${node.tagName}.${node.className}` : String(node?.nodeName));
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, sources } = entry as PerformanceEntry & { value: number; sources: { node: Node | null }[] };
        // The badge's word becomes another one, in its own place.
        const isBadge = (node: Node | null) => node instanceof Element && node.closest(".badge") !== null;
        if (sources.every((source) => isBadge(source.node))) continue;
        window.shifts.push(`${value.toFixed(5)} at ${Math.round(entry.startTime)} ms: ${sources.map((source) => name(source.node)).join(", ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
    new MutationObserver(() => (window.changed = performance.now())).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
}

/** Waits until the page has been as it is for a second: the badge's word, too, has come and gone. */
async function isSettled(page: Page): Promise<void> {
  await page.waitForFunction(() => performance.now() - window.changed > 1_000, undefined, { timeout: 30_000 });
}

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`F1: nothing jumps while pages load and hydrate, on a ${size}`, async ({ people }) => {
    test.setTimeout(120_000);
    const page = await people.window("somebody");
    await page.setViewportSize(viewport);
    await watchShifts(page);
    for (const path of ["/sign-in", "/register"]) {
      await page.goto(people.url() + path);
      await isSettled(page);
      expect.soft(await page.evaluate(() => window.shifts), path).toEqual([]);
    }

    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}${n % 7 ? "" : ", which goes on for a while".repeat(6)}`);
    await anna.page.setViewportSize(viewport);
    await watchShifts(anna.page);
    for (const path of ["/", `/c/${conversation}`, `/c/${conversation}`]) {
      await anna.goes(path);
      await anna.isLive();
      await isSettled(anna.page);
      expect.soft(await anna.page.evaluate(() => window.shifts), path).toEqual([]);
    }
  });
}

test("F1: nothing jumps while a page arrives over a slow line", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}`);
  await watchShifts(anna.page);
  const network = await anna.page.context().newCDPSession(anna.page);
  const throughput = 40 * 1_024;
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 50,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  });
  await anna.goes(`/c/${conversation}`);
  await expect(anna.page.locator("html")).toHaveAttribute("data-link", "connected", { timeout: 60_000 });
  await isSettled(anna.page);
  expect(await anna.page.evaluate(() => window.shifts)).toEqual([]);
});

test("F1: hydration keeps the content, and nothing is shown before the style is loaded", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}`);

  const { page } = anna;
  let letGo = () => {};
  const held = new Promise<void>((done) => (letGo = done));
  await page.route("**/*.wasm", async (route) => (await held, route.continue()));
  await page.route("**/*.css", async (route) => {
    const answer = await route.fetch();
    await new Promise((late) => setTimeout(late, 500));
    await route.fulfill({ response: answer });
  });
  await page.goto(`${people.url()}/c/${conversation}`, { waitUntil: "commit" });
  const early = await page.waitForFunction(() => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    const sheet = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith(".css"));
    return paint && { milliseconds: sheet ? (sheet as PerformanceResourceTiming).responseEnd - paint.startTime : Infinity };
  });
  await expect(anna.message("Line 60")).toBeVisible();
  expect((await early.jsonValue()).milliseconds, "milliseconds for which it was shown without a style").toBeLessThanOrEqual(0);

  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll(".side, .side-head, .list .item, .head, .head h1, [data-client-id], .composer, textarea, .send")].map(
        (element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          // Seen messages become read, which moves nothing.
          return `${element.className.replace(" is-unread", "")} ${element.getAttribute("data-seq") ?? ""}: ${[x, y, width, height].map(Math.round)}`;
        },
      ),
    );
  const parts = "[data-client-id], .item, .head, textarea";
  await page.evaluate((parts) => {
    for (const element of document.querySelectorAll(parts)) Object.assign(element, { fromTheServer: true });
  }, parts);
  const before = await places();
  letGo();
  await anna.isLive();
  expect.soft(await places(), "where things are").toEqual(before);
  const made = await page.evaluate(
    (parts) =>
      [...document.querySelectorAll(parts)]
        .filter((element) => !("fromTheServer" in element))
        .map((element) => element.outerHTML.slice(0, 200)),
    parts,
  );
  expect(made, "made anew").toEqual([]);
});

test("F1: a slow conversation shows a placeholder, and nothing jumps when it is loaded", async ({ network, proxied: people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}${n % 7 ? "" : ", which goes on for a while".repeat(6)}`);
  await watchShifts(anna.page);
  await anna.page.emulateMedia({ reducedMotion: "reduce" });
  await anna.goes("/");
  await anna.isLive();
  await isSettled(anna.page);
  network.pause();
  await anna.listed("bob").click();
  const shape = anna.page.locator(".shape.whole i").first();
  const seen = () => shape.evaluate((shape) => getComputedStyle(shape).visibility);
  await expect(shape).toBeAttached();
  await expect.poll(seen, "once it takes long").toBe("visible");
  // Title and composer are known already.
  await expect(anna.page.getByRole("heading", { name: "bob" })).toBeVisible();
  await expect(anna.page.getByRole("textbox", { name: "Message" })).toBeVisible();
  const places = () =>
    anna.page.evaluate(() =>
      [...document.querySelectorAll(".side, .item, .head, .head h1, .composer, textarea, .send, .log")].map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return `${element.className.replace(" is-unread", "")}: ${[x, y, width, height].map(Math.round)}`;
      }),
    );
  const before = await places();
  network.resume();
  await anna.sees("Line 60");
  await expect(shape).toHaveCount(0);
  await isSettled(anna.page);
  expect(await places()).toEqual(before);
  expect(await anna.page.evaluate(() => window.shifts)).toEqual([]);
});
