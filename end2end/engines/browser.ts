/** Something on a page, as a person would say it. Only what is visible is found. */
export type What =
  | { css: string; text?: string }
  | { button: string }
  | { link: string }
  | { field: string };

/** A window of an engine: the minimal interface for a conversation, so that three engines can implement it. */
export interface Window {
  goto(url: string): Promise<void>;
  /** Waits for it for so many milliseconds. */
  click(what: What, within?: number): Promise<void>;
  /** Key by key, at the end of what is there. */
  type(what: What, text: string): Promise<void>;
  enter(what: What): Promise<void>;
  /** Runs in the page and gives back what can be written as JSON. The function may use nothing from around it. */
  ask<A extends unknown[], R>(what: (...given: A) => R, ...given: A): Promise<Awaited<R>>;
  screenshot(): Promise<Buffer>;
  /** The errors of the page and the engine in the console so far. */
  errors(): string[];
}

/** An engine that can be started here. Its windows share nothing with each other. */
export interface Engine {
  window(): Promise<Window>;
  close(): Promise<void>;
}

/** How to start an engine, and what it lacks on this machine, in words; undefined: nothing. */
export interface Kind {
  name: string;
  missing: () => string | undefined;
  start: () => Promise<Engine>;
}

/** Runs in the page: the first visible thing of that description. */
export function find(what: What): Element | null {
  const squeeze = (text: string | null | undefined): string => (text ?? "").replace(/\s+/g, " ").trim();
  const named = (element: Element): string => squeeze(element.getAttribute("aria-label") ?? element.textContent);
  const visible = (element: Element): boolean => element.getClientRects().length > 0;
  const all = (selector: string): Element[] => [...document.querySelectorAll(selector)].filter(visible);
  const first = (selector: string, name: string): Element | null => {
    const some = all(selector);
    return some.find((element) => named(element) === name) ?? some.find((element) => named(element).includes(name)) ?? null;
  };
  if ("button" in what) return first("button", what.button);
  if ("link" in what) return first("a[href]", what.link);
  if ("field" in what) {
    const labelled = all("input, textarea").find(
      (field) => named(field) === what.field || [...((field as HTMLInputElement).labels ?? [])].some((label) => squeeze(label.textContent).startsWith(what.field)),
    );
    return labelled ?? null;
  }
  return all(what.css).find((element) => what.text === undefined || squeeze(element.textContent).includes(what.text)) ?? null;
}
