import type { CDPSession, Page } from "@playwright/test";

/** Memory, nodes and listeners of a page after garbage collection. */
export interface Weight {
  nodes: number;
  listeners: number;
  documents: number;
  /** Of the JavaScript heap, in bytes. */
  heap: number;
  /** Of the WASM's memory, which only grows. */
  wasm: number;
}

/** So that the WASM's memory can be asked about: before the page is loaded. */
export async function watchWasm(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const keep = (instance: WebAssembly.Instance) => Object.assign(window, { wasmMemory: instance.exports.memory });
    const streaming = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
      const made = await streaming(...given);
      keep(made.instance);
      return made;
    };
  });
}

// One session per page, for its lifetime: durations count from the first measurement on.
const sessions = new WeakMap<Page, CDPSession>();

async function devtoolsOf(page: Page): Promise<CDPSession> {
  const known = sessions.get(page);
  if (known) return known;
  const devtools = await page.context().newCDPSession(page);
  // CPU time of the main thread: other programs on the machine do not count.
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  sessions.set(page, devtools);
  return devtools;
}

/** Makes the CPU `rate` times slower for the page. */
export async function slowCpu(page: Page, rate: number): Promise<void> {
  await (await devtoolsOf(page)).send("Emulation.setCPUThrottlingRate", { rate });
}

/** Figures of the browser's own, such as `Nodes` or `TaskDuration` (in seconds). */
export async function metrics(page: Page): Promise<Record<string, number>> {
  const { metrics } = await (await devtoolsOf(page)).send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

export async function weigh(page: Page): Promise<Weight> {
  const devtools = await devtoolsOf(page);
  // Once for what nobody holds any more, and once for what that held.
  for (let times = 0; times < 2; times++) await devtools.send("HeapProfiler.collectGarbage");
  const all = await metrics(page);
  const wasm = await page.evaluate(
    () => (window as unknown as { wasmMemory?: WebAssembly.Memory }).wasmMemory?.buffer.byteLength ?? 0,
  );
  return {
    nodes: all.Nodes,
    listeners: all.JSEventListeners,
    documents: all.Documents,
    heap: all.JSHeapUsedSize,
    wasm,
  };
}
