import { type Marks, lighthouse } from "../support/lighthouse";
import { expect, test } from "../support/test";

// On a quiet machine it is 95 or more. It is a measure of time, and this must hold beside other work as well.
const PERFORMANCE = 80;

for (const path of ["/sign-in", "/register"]) {
  test(`R1 F2: Lighthouse reports no problem for ${path}`, async ({ server }) => {
    test.setTimeout(300_000);
    let best: Marks | undefined;
    let failure: unknown;
    for (let run = 1; run <= 3 && !(best && isWell(best)); run++) {
      try {
        const marks = await lighthouse(server.url + path);
        if (!best || marks.performance > best.performance) best = marks;
      } catch (error) {
        failure = error; // a browser that did not start in time
      }
    }
    if (!best) throw failure;
    const { lost, performance, ...others } = best;
    test.info().annotations.push({ type: "Lighthouse", description: `performance ${performance}` });
    expect.soft(others, lost.join("\n")).toEqual({ accessibility: 100, "best-practices": 100, seo: 100 });
    expect.soft(performance, lost.join("\n")).toBeGreaterThanOrEqual(PERFORMANCE);
  });
}

const isWell = ({ performance }: Marks) => performance >= PERFORMANCE;
