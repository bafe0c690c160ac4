import { log, rows } from "../support/page";
import { expect, test } from "../support/test";
import { metrics, watchWasm, weigh } from "../support/weigh";
import { figure, mib } from "./figures";

// What a page holds, and how long its frames take, far back in a long history. MESSAGES: how many are written first.
const MESSAGES = Number(process.env.MESSAGES ?? 100_000);
const PAGES = 20;
/** Messages that are on their way at once while the history is written. */
const AT_ONCE = 100;

test.use({ settings: { RAPPORT_LIMITS__SENDS_PER_SECOND: "1000000", RAPPORT_LIMITS__SEND_BURST: "1000000" } });

test(`a conversation of ${MESSAGES} messages: opened, ${PAGES} pages up, and back to the latest`, async ({ people }) => {
  test.setTimeout(1_800_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  const began = Date.now();
  for (let n = 0; n < MESSAGES; n += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => bob.send(conversation, `line ${n + k}, of about the length that messages have`)));
  }
  figure("written within", `${((Date.now() - began) / 1000).toFixed(0)} s`);

  await watchWasm(anna.page);
  const { page } = anna;
  figure("", "JS heap", "WASM memory", "nodes", "rows");
  const say = async (what: string) => {
    const { heap, wasm, nodes } = await weigh(page);
    figure(what, mib(heap), mib(wasm), String(nodes), String(await rows(page).count()));
  };
  const opened = Date.now();
  await anna.goes(`/c/${conversation}`);
  await expect(rows(page).last()).toBeInViewport();
  const readable = Date.now() - opened;
  await anna.isLive();
  await say(`opened (readable after ${readable} ms)`);
  const before = await metrics(page);
  for (const part of [1, 2, 3, 4]) {
    const { frames, median, p95, most } = await up(page, PAGES / 4);
    await say(`${(PAGES / 4) * part} pages up: ${frames} frames, median ${median.toFixed(0)}, 95 % ${p95.toFixed(0)}, most ${most.toFixed(0)} ms`);
  }
  const after = await metrics(page);
  figure("main thread for all of them", `${(after.TaskDuration - before.TaskDuration).toFixed(2)} s`);
  const jumped = Date.now();
  await page.getByRole("button", { name: /Jump to latest/ }).click();
  await expect(page.locator(`[data-seq='${MESSAGES}']`)).toBeInViewport();
  await say(`at the latest again, after ${Date.now() - jumped} ms`);
});

/** Scrolls up by so many pages of messages, and tells how long frames took. */
const up = (page: import("@playwright/test").Page, pages: number) =>
  log(page).evaluate(async (log, messages) => {
    const frame = () => new Promise<number>((next) => requestAnimationFrame(next));
    const first = () => Number(log.querySelector<HTMLElement>("[data-seq]")?.dataset.seq);
    const target = Math.max(1, first() - messages);
    const times: number[] = [];
    let last = await frame();
    while (first() > target) {
      log.scrollTop -= 300;
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    times.sort((a, b) => a - b);
    return { frames: times.length, median: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)], most: times.at(-1) ?? 0 };
  }, pages * 50);
