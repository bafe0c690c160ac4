// Parts of an older chat's guide, and the environment of a browser in which its code runs: a WebSocket that carries the
// cookie of a signed-in person and the origin of the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const top = new URL("../../../", import.meta.url);
const require = createRequire(new URL("package.json", top));
const { WebSocket: Socket } = require("ws");

/** The code blocks of a language below a heading of a guide, as they are printed. */
export function blocks(guide, heading, language) {
  const text = readFileSync(new URL(`end2end/fixtures/${guide}`, top), "utf8");
  const from = text.indexOf(`${heading}\n`);
  assert(from >= 0, `${guide} has no ${heading}`);
  const section = text.slice(from + heading.length).split(/\n#{1,4} /)[0];
  const found = [...section.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map(([, code]) => code);
  assert(found.length > 0, `${guide} has no ${language} below ${heading}`);
  return found;
}

/** The WebSocket of a page of ORIGIN in a browser with COOKIE, both from the environment. */
export class WebSocket extends Socket {
  constructor(url) {
    super(url, { headers: { cookie: process.env.COOKIE }, origin: process.env.ORIGIN });
  }
}

/** Waits until the function gives something. */
export async function until(what, holds) {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = holds();
    if (found) return found;
    assert(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Compares the form of a value with that of a printed example: the same fields in the same order, of the same types. */
export function resembles(value, example) {
  assert.equal(typeof value, typeof example);
  if (typeof value !== "object") return;
  assert.deepEqual(Object.keys(value), Object.keys(example));
  for (const key of Object.keys(value)) resembles(value[key], example[key]);
}

export const path = (name) => fileURLToPath(new URL(name, top));
