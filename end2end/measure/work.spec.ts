import type { Page } from "@playwright/test";
import { rows } from "../support/page";
import { opensFromTheList, rooms as make } from "../support/rooms";
import { expect, test } from "../support/test";
import { metrics, slowCpu, watchWasm, weigh } from "../support/weigh";
import { figure, mib } from "./figures";

const MESSAGES = 1_000;
/** WORK_AT_MOST: bound in milliseconds for the main-thread time of all messages, one at a time, at full CPU speed. */
const AT_MOST = Number(process.env.WORK_AT_MOST ?? Infinity);
const WORK = { TaskDuration: "all", ScriptDuration: "script", RecalcStyleDuration: "style", LayoutDuration: "layout" };

/** Waits until a frame begins with the row of this message in the log. */
const isShown = (page: Page, seq: number) =>
  page.evaluate(async (seq) => {
    do await new Promise(requestAnimationFrame);
    while (!document.querySelector(`[data-client-id][data-seq="${seq}"]`));
  }, seq);

for (const rate of [1, 4]) {
  // Messages that arrive within one frame are rendered together, so "as fast as they come" depends on the arrival rate.
  for (const way of ["one at a time", "as fast as they come"] as const) {
    test(`main-thread time for ${MESSAGES} incoming messages in an open conversation, ${way}, CPU ${rate}× slower`, async ({ people }) => {
      const anna = await people.join("anna");
      const bob = await people.bot("bob");
      const conversation = await bob.conversation(["anna"]);
      for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}`);
      await anna.loads(conversation);
      await slowCpu(anna.page, rate);
      const before = await metrics(anna.page);
      const began = Date.now();
      let last = 0;
      for (let n = 1; n <= MESSAGES; n++) {
        last = (await bob.send(conversation, `Message ${n}, of about the length that messages have`)).seq;
        if (way === "one at a time") await isShown(anna.page, last);
      }
      // A machine that is slowed down is behind by then.
      await isShown(anna.page, last);
      const took = Date.now() - began;
      const after = await metrics(anna.page);
      for (const [name, what] of Object.entries(WORK)) {
        const milliseconds = (after[name] - before[name]) * 1000;
        figure(what, `${milliseconds.toFixed(0)} ms`, `${(milliseconds / MESSAGES).toFixed(2)} ms each`);
      }
      figure("they came within", `${(took / 1000).toFixed(1)} s`);
      figure("rows on the page afterwards", String(await rows(anna.page).count()));
      const work = (after.TaskDuration - before.TaskDuration) * 1000;
      if (way === "one at a time" && rate === 1) expect(work, "milliseconds of the main thread").toBeLessThanOrEqual(AT_MOST);
    });
  }
}

test("memory after 200 conversations opened one after another", async ({ people }) => {
  const anna = await people.join("anna");
  await watchWasm(anna.page);
  const all = await make(people, anna, 200);
  await anna.goes("/");
  await anna.isLive();
  figure("", "JS heap", "WASM memory", "nodes", "listeners");
  const weighed = async (what: string) => {
    const { heap, wasm, nodes, listeners } = await weigh(anna.page);
    figure(what, mib(heap), mib(wasm), String(nodes), String(listeners));
  };
  await weighed("the list alone");
  for (const [at, room] of all.entries()) {
    await opensFromTheList(anna, room, at + 1);
    if (at === 9) await weighed("after the first 10");
  }
  await weighed("after 200");
  await opensFromTheList(anna, all[9], 10);
  await weighed("after 200, back at the tenth");
});
