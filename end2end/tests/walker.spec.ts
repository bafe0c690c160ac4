import { Random } from "../support/random";
import { test } from "../support/test";
import { Walker } from "../support/walker";

/** E2E_STEPS: the number of steps of a walk. */
const STEPS = Number(process.env.E2E_STEPS ?? 300);

for (const { title, seed } of [
  { title: "seed 1", seed: () => 1 },
  // E2E_SEED sets the seed, to repeat a walk that failed.
  { title: "a new seed each run", seed: () => Number(process.env.E2E_SEED ?? Random.seed()) },
]) {
  test(`T7 C2 P3 the walker, ${title}: at every step the page agrees with its address; no message or draft is lost`, async ({ network, proxied: people, server }) => {
    test.setTimeout(240_000);
    people.watch.expectBrokenLink();
    const walker = await Walker.begin(seed(), people, network, server);
    test.info().annotations.push({ type: "seed", description: String(walker.seed) });
    console.log(`The walker's seed: ${walker.seed}`);
    await walker.walk(STEPS);
    await walker.finish();
  });
}
