import type { Page } from "@playwright/test";
import type { Api } from "../support/api";
import { log, rows } from "../support/page";
import { expect, test } from "../support/test";
import { watchWasm, weigh } from "../support/weigh";

/** Writes so many short messages, some at once; the last one comes last. */
async function fill(who: Api, conversation: number, count: number): Promise<void> {
  for (let n = 0; n < count; n += 25) {
    const some = Array.from({ length: Math.min(25, count - n) }, (_, k) => `line ${n + k + 1}`);
    const last = some.pop() ?? "";
    await Promise.all(some.map((text) => who.send(conversation, text)));
    await who.send(conversation, last);
  }
}

interface Shift {
  value: number;
  sources: { node?: Node }[];
}

/** Records all layout shifts in the conversation from now on, those right after a key or a click included. */
async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & Shift)[]) {
        // Not the list beside the conversation, which is in another order after each message; and not a box around rows,
        // which grows at its top while its rows stay where they are.
        const moved = entry.sources.flatMap(({ node }) => {
          const element = node instanceof Element ? node : node?.parentElement;
          return element?.closest("main") && !element.querySelector("[data-client-id]") ? [element] : [];
        });
        const names = moved.map((element) => `${element.tagName}.${element.className} "${element.textContent?.slice(0, 40)}"`);
        if (moved.length > 0) shifts.push(`${entry.value.toFixed(6)}: ${names.join(", ")}`);
      }
    }).observe({ type: "layout-shift" });
  });
  return () => page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
}

/**
 * Scrolls in steps until `done` is on screen (or the end of the log is reached), frame by frame, and looks at each: the
 * places of the rows have no gap and no double, and the row in the middle moves by the step and by nothing else.
 */
const scrollTo = (page: Page, target: number) =>
  log(page).evaluate(async (log, target) => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const rows = () => [...log.querySelectorAll<HTMLElement>("[data-seq]")];
    const seen = new Set<number>();
    let [most, worst] = [0, 0];
    const up = Number(rows()[0].dataset.seq) >= target;
    for (let idle = 0; idle < 400; ) {
      const now = rows();
      const seqs = now.map((row) => Number(row.dataset.seq));
      const wrong = seqs.findIndex((seq, at) => at > 0 && seq !== seqs[at - 1] + 1);
      if (wrong > 0) throw new Error(`${seqs[wrong]} after ${seqs[wrong - 1]}`);
      seqs.forEach((seq) => seen.add(seq));
      most = Math.max(most, now.length);
      if (seqs.includes(target) && (up ? seqs[0] === target : log.scrollTop > -1 && seqs.at(-1) === target)) break;
      const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
      const row = now.find((row) => row.getBoundingClientRect().bottom > middle) ?? now[0];
      const [place, before] = [row.getBoundingClientRect().top, log.scrollTop];
      log.scrollTop += up ? -700 : 700;
      const step = log.scrollTop - before;
      for (let n = 0; n < 3; n++) {
        await frame();
        if (row.isConnected) worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - place + step));
      }
      idle = step === 0 ? idle + 1 : 0;
    }
    return { seen: [...seen].length, most, worst };
  }, target);

test("T9 three thousand messages up and down: no gap, no duplicate, no jump, and few rows at any time", async ({ people }) => {
  test.setTimeout(240_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await fill(bob, conversation, 3_000);
  await anna.opens(conversation);
  // Measured row by row: Chromium takes a page that comes within a scrolled frame for a shift.
  const up = await scrollTo(anna.page, 1);
  expect(up.worst, "pixels that a row moved by itself, scrolling up").toBeLessThanOrEqual(1);
  const down = await scrollTo(anna.page, 3_000);
  expect(down.worst, "pixels that a row moved by itself, scrolling down").toBeLessThanOrEqual(1);
  expect([up.seen, down.seen]).toEqual([3_000, 3_000]);
  expect(Math.max(up.most, down.most), "rows at once").toBeLessThan(450);
  await expect(anna.page.getByRole("button", { name: /Jump to latest/ })).toHaveCount(0);
  await bob.send(conversation, "and on it goes");
  await anna.sees("and on it goes");
});

test("T9 incoming messages do not move the view of a reader further up; a button counts them and jumps there", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await fill(bob, conversation, 120);
  await anna.opens(conversation);
  await expect(anna.message("line 120")).toBeInViewport();
  await log(anna.page).evaluate((log) => (log.scrollTop = -900));
  const jump = anna.page.getByRole("button", { name: /Jump to latest/ });
  await expect(jump).toBeVisible();
  // Two seconds after the connection came, the badge gives up the place of its word, which counts as a shift.
  await expect.poll(() => anna.page.locator(".main .badge-word").evaluate((word) => word.clientWidth)).toBe(0);
  const shifts = await watchShifts(anna.page);
  const row = rows(anna.page).filter({ visible: true }).nth(60);
  const place = () => row.evaluate((row) => row.getBoundingClientRect().top);
  const before = await place();
  for (let n = 1; n <= 5; n++) await bob.send(conversation, `further down ${n}`);
  await expect(jump).toContainText("5 new");
  expect(await place()).toBe(before);
  expect(await shifts(), "layout shifts").toEqual([]);
  await jump.click();
  await expect(anna.message("further down 5")).toBeInViewport();
  await expect(jump).toHaveCount(0);
  // At the end it follows; and so it does on one's own message, from wherever.
  await bob.send(conversation, "followed");
  await expect(anna.message("followed")).toBeInViewport();
  await log(anna.page).evaluate((log) => (log.scrollTop = -900));
  await expect(jump).toBeVisible();
  await anna.says("my own");
  await expect(anna.message("my own")).toBeInViewport();
});

test("T9 F2 older pages are inserted without an announcement", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await fill(bob, conversation, 120);
  await anna.opens(conversation);
  await log(anna.page).evaluate((log) => {
    const live: (string | null)[] = [];
    Object.assign(window, { live });
    const rows = log.querySelector(".messages");
    new MutationObserver(() => live.push(log.getAttribute("aria-live"))).observe(rows!, { childList: true });
  });
  await log(anna.page).evaluate((log) => (log.scrollTop = -100_000));
  await expect(rows(anna.page)).toHaveCount(100);
  const live = () => anna.page.evaluate(() => (window as unknown as { live: (string | null)[] }).live);
  expect(new Set(await live())).toEqual(new Set(["off"]));
  await expect(log(anna.page)).not.toHaveAttribute("aria-busy");
  await expect(log(anna.page)).not.toHaveAttribute("aria-live");
});

test("T9 a link to a message opens the conversation there, and loads in both directions", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await fill(bob, conversation, 400);
  await anna.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await anna.goes(`/c/${conversation}?at=150#m150`);
  await anna.isLive();
  const row = anna.page.locator("[data-seq='150']");
  await expect(row).toBeInViewport();
  await expect(row).toBeFocused();
  await expect(row).toHaveAttribute("data-found");
  await scrollTo(anna.page, 1);
  await anna.page.getByRole("button", { name: /Jump to latest/ }).click();
  await expect(anna.page.locator("[data-seq='400']")).toBeInViewport();

  // The menu gives the link, and the time is one.
  await anna.page.locator("[data-seq='400']").hover();
  await anna.page.locator("[data-seq='400']").getByRole("button", { name: "More" }).click();
  await anna.page.getByRole("button", { name: "Copy link" }).click();
  await expect(anna.page.getByText("Link copied.")).toBeVisible();
  const link = await anna.page.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(`${people.url()}/c/${conversation}?at=400#m400`);
  await anna.page.locator("[data-seq='400'] a.time").click();
  await expect(anna.page).toHaveURL(link);

  await anna.goes(`/c/${conversation}?at=401`);
  await anna.isLive();
  await expect(anna.page.getByText("That message is not here.")).toBeVisible();
  await expect(anna.page.locator("[data-seq='400']")).toBeInViewport();
});

test("T9 Z1 a link to a message reveals nothing to an outsider", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  await people.bot("carol");
  const theirs = await bob.conversation(["carol"]);
  people.watch.expect(/404/);
  await bob.send(theirs, "between us");
  const shown = async (path: string) => {
    const answer = await anna.page.goto(people.url() + path);
    return [answer?.status(), (await anna.page.locator("main").innerText()).trim()];
  };
  const other = await shown(`/c/${theirs}?at=1`);
  expect(other).toEqual(await shown("/c/999999?at=1"));
  expect(other[0]).toBe(404);
  expect(other[1]).not.toContain("between us");
});

test("P6 T9 without JavaScript: older, newer and linked messages by links", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (let n = 1; n <= 120; n++) await bob.send(conversation, `line ${n}`);
  const range = async () => {
    const seqs = await rows(anna.page).evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-seq"))));
    return [seqs[0], seqs.at(-1)];
  };
  const follow = (name: string) => anna.page.getByRole("link", { name }).click();
  await anna.goes(`/c/${conversation}`);
  expect(await range()).toEqual([71, 120]);
  await follow("Older messages");
  // It abuts to the newest ones, and goes on from where one was.
  expect(await range()).toEqual([21, 120]);
  await expect(anna.page.locator("[data-seq='71']")).toBeInViewport();
  await follow("Older messages");
  expect(await range()).toEqual([1, 20]);
  await expect(anna.page.getByRole("link", { name: "Older messages" })).toHaveCount(0);
  await follow("Newer messages");
  expect(await range()).toEqual([1, 45]);
  await expect(anna.page.locator("[data-seq='20']")).toBeInViewport();
  await anna.page.locator("[data-seq='30']").hover();
  await anna.page.locator("[data-seq='30'] a.time").click();
  expect(await range()).toEqual([6, 55]);
  await expect(anna.page.locator("[data-seq='30']")).toBeInViewport();
  await follow("To the latest messages");
  expect(await range()).toEqual([71, 120]);
});

test("F2 T9 twenty pages up take as much memory as ten, and one step returns to the latest", async ({ people }) => {
  test.setTimeout(180_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await fill(bob, conversation, 1_100);
  await watchWasm(anna.page);
  await anna.loads(conversation);
  await scrollTo(anna.page, 601);
  const weighed = async () => ({ ...(await weigh(anna.page)), rows: await rows(anna.page).count() });
  const ten = await weighed();
  await scrollTo(anna.page, 101);
  const twenty = await weighed();
  const said = JSON.stringify({ ten, twenty });
  test.info().annotations.push({ type: "weight", description: said });
  // Pages are let go a few at a time.
  expect.soft(twenty.rows, said).toBeLessThan(450);
  // A row has listeners of its own, which go with it.
  const listenersPerRow = ({ listeners, rows }: typeof ten) => listeners / rows;
  expect.soft(listenersPerRow(twenty), said).toBeLessThan(listenersPerRow(ten) * 1.3);
  expect.soft(twenty.heap - ten.heap, said).toBeLessThan(2 << 20);
  expect.soft(twenty.wasm - ten.wasm, said).toBeLessThan(2 << 20);
  await anna.page.getByRole("button", { name: /Jump to latest/ }).click();
  await expect(anna.page.locator("[data-seq='1100']")).toBeInViewport();
  await expect.poll(() => rows(anna.page).count()).toBeLessThan(250);
});
