import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Marks of Lighthouse, 0 to 100, and what cost points. */
export interface Marks {
  accessibility: number;
  "best-practices": number;
  seo: number;
  performance: number;
  /** Audits that a mark is made of and that were not passed whole, in words. */
  lost: string[];
}

interface Report {
  runtimeError?: { message: string };
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { score: number | null; title: string; displayValue?: string; details?: { items?: unknown[] } }>;
}

/** One visit by Lighthouse, as a phone on a slow line. A process of its own: it ends what it started. */
export async function lighthouse(url: string): Promise<Marks> {
  const program = join(createRequire(__filename).resolve("lighthouse/package.json"), "../cli/index.js");
  const child = spawn(
    process.execPath,
    [
      program,
      url,
      "--output=json",
      "--quiet",
      "--no-enable-error-reporting",
      "--max-wait-for-load=60000",
      "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-component-update",
    ],
    { env: { ...process.env, CHROME_PATH: process.env.CHROMIUM || "/usr/bin/chromium" }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let [printed, said] = ["", ""];
  child.stdout.on("data", (text) => (printed += text));
  child.stderr.on("data", (text) => (said += text));
  const code = await new Promise((done) => child.on("close", done));
  if (code !== 0) throw new Error(`lighthouse ended with ${code}: ${said}`);
  const { runtimeError, categories, audits }: Report = JSON.parse(printed);
  if (runtimeError) throw new Error(`lighthouse: ${runtimeError.message}`);

  const mark = (id: string) => Math.round((categories[id].score ?? 0) * 100);
  const lost = Object.entries(categories).flatMap(([category, { auditRefs }]) =>
    auditRefs
      .filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1)
      .map(({ id }) => `${category}, ${id}: ${audits[id].title} ${audits[id].displayValue ?? ""} ${details(audits[id].details?.items)}`),
  );
  return {
    accessibility: mark("accessibility"),
    "best-practices": mark("best-practices"),
    seo: mark("seo"),
    performance: mark("performance"),
    lost,
  };
}

function details(items: unknown[] = []): string {
  return items.length > 0 ? JSON.stringify(items).slice(0, 400) : "";
}
