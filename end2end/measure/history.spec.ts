import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { log, rows } from "../support/page";
import { expect, test } from "../support/test";
import { metrics, watchWasm, weigh } from "../support/weigh";
import { figure, mib } from "./figures";

// Memory and frame times of a page far back in a long history. MESSAGES: the number of messages.
const MESSAGES = Number(process.env.MESSAGES ?? 100_000);
const PAGES = 20;

// Straight into the file of a server that does not run: a hundred thousand by the API take minutes.
const WRITE = `
import sqlite3, sys
db, conversation, count = sqlite3.connect(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
db.execute("""
  WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
  INSERT INTO message (conversation_id, seq, id, rev, sender_id, client_id, hash, content, created_at)
  SELECT ?1, n, id + n - 1, n, sender_id, randomblob(16), randomblob(16),
         'Line ' || n || ', of about the length that messages have in a conversation.', created_at - (?2 - n) * 60000000
  FROM n JOIN message ON conversation_id = ?1 AND seq = 1""", (conversation, count))
db.execute("UPDATE message SET created_at = created_at - ? * 60000000 WHERE conversation_id = ? AND seq = 1", (count, conversation))
db.execute("UPDATE conversation SET rev = ? WHERE id = ?", (count, conversation))
db.commit()
`;

test(`a conversation of ${MESSAGES} messages: opened, ${PAGES} pages up, and back to the latest`, async ({ people, server }) => {
  test.setTimeout(1_800_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "Line 1");
  // Meanwhile nobody looks for the server.
  await anna.page.goto("about:blank");
  await server.stop();
  execFileSync("python3", ["-c", WRITE, join(server.data, "rapport.db"), String(conversation), String(MESSAGES)]);
  await server.start();
  await anna.api.post(`/api/conversations/${conversation}/read`, {});

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
