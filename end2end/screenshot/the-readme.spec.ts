import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { docs, folder } from "./folder";

// The pictures of the README, from those of the steps.

test("a desk and a phone", async ({ page }) => {
  await compose(page, join(docs, "rapport.png"), [["10-typing-1440-light", 660], ["13-line-lost-360-light", 620]]);
});

test("a long history, in the dark", async ({ page }) => {
  await compose(page, join(docs, "dark.png"), [["17-far-up-1440-dark", 720]]);
});

test("a phone, step by step", async ({ page }) => {
  await compose(page, join(docs, "phone.png"), [
    ["03-list-360-light", 620],
    ["11-answered-360-dark", 620],
    ["32-plain-read-360-light", 620],
  ]);
});

async function compose(page: Page, path: string, pictures: [name: string, height: number][]): Promise<void> {
  const images = pictures.map(([name, height]) => {
    const bytes = readFileSync(join(folder, `${name}.png`)).toString("base64");
    return `<img height=${height} src="data:image/png;base64,${bytes}">`;
  });
  await page.setViewportSize({ width: 1600, height: 760 });
  await page.setContent(`
    <style>
      body { margin: 0; display: inline-flex; gap: 40px; padding: 30px; align-items: center; background: #e9ecf1 }
      img { border-radius: 14px; box-shadow: 0 8px 32px #0003 }
    </style>${images.join("")}`);
  const { length } = await page.locator("body").screenshot({ path });
  expect(length, `bytes of ${path}`).toBeLessThan(200 * 1024);
}
