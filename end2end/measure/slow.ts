import type { Page } from "@playwright/test";

/** How quick the reader's machine and line are. */
export interface Pace {
  name: string;
  slow: boolean;
}

export const PACES: Pace[] = [
  { name: "as this machine is", slow: false },
  { name: "4× slower CPU, Slow 4G", slow: true },
];

// Lighthouse's settings for Slow 4G with real throttling of requests: 150 ms and 1.6 Mbit/s with its factors.
const SLOW_4G = { offline: false, latency: 150 * 3.75, downloadThroughput: (1638.4 * 0.9 * 1024) / 8, uploadThroughput: (750 * 0.9 * 1024) / 8 };

export async function slowDown(page: Page, pace: Pace): Promise<void> {
  if (!pace.slow) return;
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", SLOW_4G);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
}
