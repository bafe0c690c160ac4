import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const source = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

/** Sizes at which a page looks different. */
export const SIZES = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1440, height: 900 },
};

/** The violations that axe finds on the current page, in both themes and at both sizes. */
export async function found(page: Page): Promise<string[]> {
  const all = new Map<string, string[]>();
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(viewport);
      for (const text of await once(page)) all.set(text, [...(all.get(text) ?? []), `${colorScheme} ${size}`]);
    }
  }
  return [...all].map(([text, where]) => `${where.join(", ")}: ${text}`);
}

async function once(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(source);
  // Colours that are on their way from one to another are nobody's choice.
  await page.waitForFunction(() =>
    document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getComputedTiming().endTime === Infinity),
  );
  const { violations } = await page.evaluate(
    () => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id} (${help}): ${node.html.slice(0, 200)}. ${node.failureSummary?.replace(/\s+/g, " ")}`),
  );
}
