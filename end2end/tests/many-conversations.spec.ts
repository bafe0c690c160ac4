import { opensFromTheList, rooms } from "../support/rooms";
import { expect, test } from "../support/test";
import { watchWasm, weigh } from "../support/weigh";

test("C2 T9: 200 conversations opened one after another leave the number of nodes and listeners unchanged", async ({ people }) => {
  test.setTimeout(300_000);
  const anna = await people.join("anna");
  await watchWasm(anna.page);
  const all = await rooms(people, anna, 200);
  await anna.goes("/");
  await anna.isLive();
  for (let n = 1; n <= 10; n++) await opensFromTheList(anna, all[n - 1], n);
  const before = await weigh(anna.page);
  for (let n = 11; n <= 200; n++) await opensFromTheList(anna, all[n - 1], n);
  await opensFromTheList(anna, all[9], 10);
  const after = await weigh(anna.page);

  const said = JSON.stringify({ before, after });
  test.info().annotations.push({ type: "weight", description: said });
  // 190 more were opened: one thing that each leaves behind would show.
  expect.soft(after.listeners, said).toBeLessThan(before.listeners + 100);
  expect.soft(after.nodes, said).toBeLessThan(before.nodes + 190);
  expect.soft(after.documents, said).toBe(before.documents);
  // Loaded conversations stay in memory, so that reopening is quick: a few kilobytes each, with three messages.
  expect.soft(after.heap - before.heap, said).toBeLessThan(8 << 20);
  expect.soft(after.wasm - before.wasm, said).toBeLessThan(8 << 20);
});
