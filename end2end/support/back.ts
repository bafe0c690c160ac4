import { expect } from "@playwright/test";
import type { Person } from "./people";

/** The link is back: what was said meanwhile has to be on the screen within this time, in milliseconds. */
export const BACK = 2_000;

/** Checks that the screen shows exactly these messages within that time. */
export async function upToDate(person: Person, texts: string[], within = BACK): Promise<void> {
  const began = Date.now();
  await person.seesExactly(texts, 30_000);
  expect(Date.now() - began, "milliseconds until up to date").toBeLessThan(within);
}

/** From now on the log is looked at whenever it changes: `await neverWrong()` fails if a row ever stood there twice or in a wrong place. */
export async function watchOrder(person: Person): Promise<() => Promise<void>> {
  await person.page.evaluate(() => {
    const faults: string[] = [];
    const look = () => {
      const all = [...document.querySelectorAll<HTMLElement>('[role="log"] [data-client-id]')];
      const ids = all.map((row) => row.dataset.clientId);
      const seqs = all.map((row) => Number(row.dataset.seq)).filter(Boolean);
      if (new Set(ids).size < ids.length) faults.push(`twice: ${ids}`);
      if (seqs.some((seq, at) => seq <= (seqs[at - 1] ?? 0))) faults.push(`order: ${seqs}`);
    };
    new MutationObserver(look).observe(document.querySelector('[role="log"]')!, { subtree: true, childList: true });
    Object.assign(window, { faults });
  });
  return async () => expect(await person.page.evaluate(() => (window as unknown as { faults: string[] }).faults)).toEqual([]);
}
