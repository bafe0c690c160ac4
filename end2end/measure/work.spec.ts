import { opensFromTheList, rooms } from "../support/rooms";
import { expect, test } from "../support/test";
import { metrics, watchWasm, weigh } from "../support/weigh";
import { figure, mib } from "./figures";
import { PACES } from "./slow";

const MESSAGES = 1_000;
/** WORK_AT_MOST: the bound for the main-thread time of all of them on a machine that is not slowed down, in milliseconds. */
const AT_MOST = Number(process.env.WORK_AT_MOST ?? Infinity);
const WORK = { TaskDuration: "all", ScriptDuration: "script", RecalcStyleDuration: "style", LayoutDuration: "layout" };

for (const pace of PACES) {
  test(`main-thread time for ${MESSAGES} incoming messages in an open conversation, ${pace.name}`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}`);
    await anna.goes(`/c/${conversation}`);
    await anna.isLive();
    if (pace.slow) {
      const devtools = await anna.page.context().newCDPSession(anna.page);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    }
    const before = await metrics(anna.page);
    const began = Date.now();
    for (let n = 1; n <= MESSAGES; n++) await bob.send(conversation, `Message ${n}, of about the length that messages have`);
    // A machine that is slowed down is behind by then.
    await expect(anna.message(`Message ${MESSAGES}, of about the length that messages have`)).toHaveCount(1, { timeout: 300_000 });
    const took = Date.now() - began;
    const after = await metrics(anna.page);
    for (const [name, what] of Object.entries(WORK)) {
      const seconds = after[name] - before[name];
      figure(what, `${(seconds * 1000).toFixed(0)} ms`, `${((seconds / MESSAGES) * 1000).toFixed(2)} ms each`);
    }
    const work = (after.TaskDuration - before.TaskDuration) * 1000;
    if (!pace.slow) expect.soft(work, "milliseconds of the main thread").toBeLessThanOrEqual(AT_MOST);
    figure("they came within", `${(took / 1000).toFixed(1)} s`);
    figure("rows on the page afterwards", String(await anna.page.locator("[data-client-id]").count()));
  });
}

test("memory after 200 conversations opened one after another", async ({ people }) => {
  const anna = await people.join("anna");
  await watchWasm(anna.page);
  const all = await rooms(people, anna, 200);
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
