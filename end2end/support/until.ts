/**
 * Waits until the condition gives something other than undefined, null or false, and returns that. A failing condition
 * that throws a network error is asked again; tests never wait for a time alone.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  within = 10_000,
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) return value as Exclude<T, undefined | null | false>;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // what fetch throws for a refused connection
      last = error;
    }
    if (Date.now() > end) throw new Error(`Waited ${within} ms for ${what}.${last ? ` Last: ${last}` : ""}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}
