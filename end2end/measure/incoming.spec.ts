import { expect } from "@playwright/test";
import { test } from "../support/test";

// Not a test: what 1,000 incoming messages cost a page that shows them, printed in milliseconds of its main thread.
test("1,000 incoming messages", async ({ people }) => {
  test.setTimeout(300_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await anna.opens(conversation);
  const devtools = await anna.page.context().newCDPSession(anna.page);
  await devtools.send("Performance.enable");
  const metrics = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await metrics();
  const began = Date.now();
  for (let n = 0; n < 1_000; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, k) => bob.send(conversation, `line ${n + k}`)));
  }
  await bob.send(conversation, "the last one");
  await expect(anna.message("the last one")).toHaveCount(1, { timeout: 200_000 });
  const took = Date.now() - began;
  await expect(anna.message("the last one")).toBeVisible();
  const after = await metrics();
  const ms = (name: string) => Math.round((after[name] - before[name]) * 1_000);
  console.log(
    `in ${took} ms; main thread ${ms("TaskDuration")} ms: script ${ms("ScriptDuration")}, layout ${ms("LayoutDuration")},` +
      ` style ${ms("RecalcStyleDuration")}; rows ${await anna.page.locator("[data-client-id]").count()},` +
      ` nodes ${after.Nodes}, JS heap ${Math.round(after.JSHeapUsedSize / 1024)} KiB`,
  );
});
