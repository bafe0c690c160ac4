import type { Page } from "@playwright/test";
import { rows } from "../support/page";
import { expect, test } from "../support/test";
import { metrics, slowCpu } from "../support/weigh";
import { figure, middle } from "./figures";

const RUNS = 5;
const MESSAGES = 50;
const WORK = { TaskDuration: "main thread: all", ScriptDuration: "main thread: script", LayoutDuration: "main thread: layout", RecalcStyleDuration: "main thread: style" };

declare global {
  interface Window {
    /** Milliseconds from the start of the navigation to `data-hydrated`. */
    hydrated?: number;
  }
}

for (const rate of [1, 4]) {
  test(`a conversation of ${MESSAGES} messages is loaded, CPU ${rate}× slower, median of ${RUNS} (least–most)`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    for (let n = 1; n <= MESSAGES; n++) await bob.send(conversation, `Line ${n}, of about the length that messages have in a conversation.`);
    await anna.api.post(`/api/conversations/${conversation}/read`, {});
    const runs: Record<string, number>[] = [];
    // The first run fills the browser's cache and is not counted.
    for (let run = 0; run <= RUNS; run++) {
      const tab = await anna.tab();
      // The same origin, hence the same renderer process: the durations go on from here.
      await tab.goes("/healthz");
      await slowCpu(tab.page, rate);
      await tab.page.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (!document.documentElement?.hasAttribute("data-hydrated")) return;
          window.hydrated = performance.now();
          observer.disconnect();
        }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-hydrated"] });
      });
      const before = await metrics(tab.page);
      await tab.goes(`/c/${conversation}`);
      await tab.isLive();
      await expect(rows(tab.page)).toHaveCount(MESSAGES);
      await isIdle(tab.page);
      const after = await metrics(tab.page);
      const hydrated = await tab.page.evaluate(() => window.hydrated ?? Number.NaN);
      const work = Object.keys(WORK).map((name) => [name, (after[name] - before[name]) * 1000]);
      if (run > 0) runs.push({ hydrated, ...Object.fromEntries(work) });
      await tab.page.close();
    }
    for (const [name, what] of Object.entries({ hydrated: "from the start of the navigation to data-hydrated", ...WORK })) {
      figure(what, ...middle(runs.map((run) => run[name])));
    }
  });
}

/** Waits until the main thread is idle. */
const isIdle = (page: Page) =>
  page.evaluate(async () => {
    for (let times = 0; times < 3; times++) await new Promise((idle) => requestIdleCallback(idle));
  });
