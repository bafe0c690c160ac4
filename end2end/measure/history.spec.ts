import { log } from "../support/page";
import { test } from "../support/test";

// Not a test: what a page holds after reading far back into a long history. MESSAGES: how many to write.
test("far back", async ({ people }) => {
  test.setTimeout(900_000);
  const count = Number(process.env.MESSAGES ?? 3_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (let n = 0; n < count; n += 25) {
    await Promise.all(Array.from({ length: 25 }, (_, k) => bob.send(conversation, `line ${n + k}`)));
  }
  await anna.page.addInitScript(() => {
    const start = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...args) => {
      const made = await start(...args);
      Object.assign(window, { memory: made.instance.exports.memory });
      return made;
    };
  });
  await anna.opens(conversation);
  const devtools = await anna.page.context().newCDPSession(anna.page);
  await devtools.send("Performance.enable");
  const say = async (when: string) => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const of = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    const wasm = await anna.page.evaluate(() => (window as unknown as { memory?: WebAssembly.Memory }).memory?.buffer.byteLength ?? 0);
    const rows = await anna.page.locator("[data-client-id]").count();
    const kib = (bytes: number) => `${Math.round(bytes / 1024)} KiB`;
    console.log(`${when}: rows ${rows}, nodes ${of.Nodes}, listeners ${of.JSEventListeners}, JS heap ${kib(of.JSHeapUsedSize)}, WASM memory ${kib(wasm)}`);
  };
  await say("opened");
  const scrolled = await log(anna.page).evaluate(async (log) => {
    const frame = () => new Promise<number>((next) => requestAnimationFrame(next));
    const times: number[] = [];
    let last = await frame();
    for (let idle = 0; idle < 600; ) {
      const before = log.scrollTop;
      log.scrollTop -= 400;
      idle = log.scrollTop === before ? idle + 1 : 0;
      const now = await frame();
      times.push(now - last);
      last = now;
      if (log.querySelector("[data-seq='1']")) break;
    }
    times.sort((a, b) => a - b);
    return { frames: times.length, median: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)] };
  });
  await say("at the beginning");
  console.log(`${scrolled.frames} frames, median ${scrolled.median.toFixed(1)} ms, 95 % within ${scrolled.p95.toFixed(1)} ms`);
});
