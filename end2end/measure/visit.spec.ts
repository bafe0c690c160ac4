import type { Browser, Page } from "@playwright/test";
import { PASSWORD } from "../support/api";
import { test } from "../support/test";
import { figure, kib, middle } from "./figures";
import { PACES, type Pace, slowDown } from "./slow";

const RUNS = 5;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

declare global {
  interface Window {
    moments: { readable?: number; live?: number };
  }
}

/** Milliseconds from the start of a visit. */
interface Visit {
  readable: number;
  live: number;
}

test(`time to the first readable message and to live, median of ${RUNS} (least–most)`, async ({ browser, people, server }) => {
  const { anna, path } = await conversation(people);
  for (const pace of PACES) {
    const [cold, warm]: Visit[][] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      const context = await signedIn(browser, server.url, anna);
      for (const visits of [cold, warm]) {
        const page = await context.newPage();
        visits.push(await visit(page, server.url + path, pace));
        await page.close();
      }
      await context.close();
    }
    for (const [name, visits] of [["cold", cold], ["warm", warm]] as const) {
      figure(`${name}, ${pace.name}: readable`, ...middle(visits.map((visit) => visit.readable)));
      figure(`${name}, ${pace.name}: live`, ...middle(visits.map((visit) => visit.live)));
    }
  }
});

test("first load of a conversation, over the wire", async ({ browser, people, server }) => {
  const { anna, path } = await conversation(people);
  const context = await signedIn(browser, server.url, anna);
  const page = await context.newPage();
  await visit(page, server.url + path, PACES[0]);
  const parts = await page.evaluate(() =>
    (["navigation", "resource"] as const).flatMap((kind) =>
      (performance.getEntriesByType(kind) as PerformanceResourceTiming[]).map((entry) => ({
        what: kind === "navigation" ? "the page" : new URL(entry.name).pathname.replace(/\.[\w-]{20,}\./, "."),
        wire: entry.encodedBodySize,
        whole: entry.decodedBodySize,
      })),
    ),
  );
  figure("", "on the wire", "unpacked");
  for (const { what, wire, whole } of parts) figure(what, kib(wire), kib(whole));
  const sum = (pick: (part: (typeof parts)[number]) => number) => kib(parts.reduce((all, part) => all + pick(part), 0));
  figure("together", sum((part) => part.wire), sum((part) => part.whole));
  await context.close();
});

async function conversation(people: import("../support/people").People): Promise<{ anna: string; path: string }> {
  await people.bot("anna");
  const bob = await people.bot("bob");
  const id = await bob.conversation(["anna"]);
  for (let n = 1; n <= 60; n++) await bob.send(id, `Line ${n}, of about the length that messages have in a conversation.`);
  return { anna: "anna", path: `/c/${id}` };
}

/** A browser that has a cookie and nothing else of ours: no file in its cache. */
async function signedIn(browser: Browser, url: string, username: string) {
  const context = await browser.newContext(PHONE);
  const answer = await context.request.post(`${url}/sign-in`, {
    form: { username, password: PASSWORD, next: "" },
    headers: { Origin: url },
    maxRedirects: 0,
  });
  if (answer.status() >= 400) throw new Error(`sign-in: ${answer.status()}`);
  return context;
}

async function visit(page: Page, url: string, pace: Pace): Promise<Visit> {
  await page.addInitScript(() => {
    window.moments = {};
    const look = () => {
      const { moments } = window;
      const html = document.documentElement;
      const last = [...(html?.querySelectorAll("[role=log] .content") ?? [])].at(-1)?.getBoundingClientRect();
      // On the screen, and painted: nothing is before the style sheet is there.
      const painted = performance.getEntriesByName("first-contentful-paint").length > 0;
      if (painted && last && last.top < innerHeight && last.bottom > 0) moments.readable ??= performance.now();
      if (html?.hasAttribute("data-hydrated") && html.dataset.link === "connected") moments.live ??= performance.now();
      if (moments.live === undefined || moments.readable === undefined) requestAnimationFrame(look);
    };
    look();
  });
  await slowDown(page, pace);
  await page.goto(url, { waitUntil: "commit", timeout: 120_000 });
  await page.waitForFunction(() => window.moments?.live !== undefined && window.moments.readable !== undefined, undefined, { timeout: 120_000 });
  const { readable, live } = await page.evaluate(() => window.moments);
  return { readable: readable!, live: live! };
}
