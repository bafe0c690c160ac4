// Renders public/icon-*.png; see tools/icons.
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "@playwright/test";

const svg = readFileSync("public/favicon.svg", "utf8");
// The background colour of style/tokens.css.
const GROUND = "#fdfdfb";
// `share`: the part of the width that the drawing takes. Systems may crop a maskable icon to a circle of 80 %.
const ICONS = [
  { name: "icon-192", size: 192, share: 1 },
  { name: "icon-512", size: 512, share: 1 },
  { name: "icon-maskable-512", size: 512, share: 0.62, ground: GROUND },
  { name: "icon-180", size: 180, share: 0.76, ground: GROUND },
];

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
for (const { name, size, share, ground } of ICONS) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>
    body { margin: 0; height: ${size}px; display: grid; place-items: center; background: ${ground ?? "transparent"} }
    svg { width: ${Math.round(size * share)}px; height: ${Math.round(size * share)}px }
  </style>${svg}`);
  writeFileSync(`public/${name}.png`, await page.screenshot({ omitBackground: !ground }));
}
await browser.close();
