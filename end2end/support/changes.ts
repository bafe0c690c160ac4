import { PARTS } from "./page";
import type { Person } from "./people";

/** One change of the document, by the part of the page that it happened in. */
export interface Change {
  /** The part: "typing", "head", "composer", "announcer", "title", "mark as read", "item /c/7", "row <client id>", "log", "list" or "page". */
  where: string;
  /** "attribute <name>", "text", "added <element>" or "removed <element>". */
  what: string;
  /** Classes or tags from the changed node up to `body`, for a message that a person can read. */
  path: string;
  /** Of an added or removed element, or the changed attribute's element. */
  element: { tag: string; class: string; href: string; client: string };
}

/**
 * From now on every change of the document is noted. What this returns waits until nothing has changed for a few frames,
 * and gives the changes since it was last called.
 */
export async function watchChanges(person: Person): Promise<() => Promise<Change[]>> {
  await person.page.evaluate((parts) => {
    const changes: Change[] = [];
    const element = (node: Node) => (node instanceof Element ? node : node.parentElement);
    // What is inside an element that was taken out has no ancestors any more: they are looked up before that.
    const parents = new WeakMap<Node, Node>();
    const up = (node: Node): Node | null => node.parentNode ?? parents.get(node) ?? null;
    const closest = (node: Node | null, selector: string): Element | undefined => {
      for (let at = node; at; at = up(at)) if (at instanceof Element && at.matches(selector)) return at;
      return undefined;
    };
    const place = (node: Node): string => {
      if (closest(node, 'form[action$="/read"]')) return "mark as read";
      const row = closest(node, "[data-client-id]");
      if (row) return `row ${row.getAttribute("data-client-id")}`;
      const line = closest(node, "li");
      const item = closest(node, parts.item) ?? line?.querySelector(parts.item);
      if (item && closest(node, parts.list)) return `item ${item.getAttribute("href")}`;
      for (const [name, selector] of [
        ["typing", parts.typing],
        ["log", parts.log],
        ["head", ".head"],
        ["composer", parts.composer],
        ["list", parts.list],
        ["announcer", ".visually-hidden[role=status]"],
        ["title", "title"],
      ]) {
        if (closest(node, selector)) return name;
      }
      return "page";
    };
    const about = (node: Node) => {
      const of = element(node);
      return {
        tag: of?.tagName.toLowerCase() ?? "",
        class: of?.getAttribute("class") ?? "",
        href: (of?.matches("[href]") ? of : of?.querySelector("[href]"))?.getAttribute("href") ?? "",
        client: of?.getAttribute("data-client-id") ?? "",
      };
    };
    const path = (node: Node): string => {
      const names: string[] = [];
      for (let at: Node | null = node; at && at !== document.body && at !== document; at = up(at)) {
        if (at instanceof Element) names.unshift(at.classList.length > 0 ? `.${[...at.classList].join(".")}` : at.tagName.toLowerCase());
      }
      return names.join(" > ");
    };
    const note = (records: MutationRecord[]) => {
      for (const { removedNodes, target } of records) for (const node of removedNodes) if (!node.parentNode) parents.set(node, target);
      for (const { type, target, attributeName, oldValue, addedNodes, removedNodes } of records) {
        const add = (what: string, node: Node = target) => {
          const form = node instanceof Element && node.matches("form");
          changes.push({ where: place(form ? node : target), what, path: path(node), element: about(node) });
        };
        if (type === "attributes") {
          // Written once more, but not changed.
          if ((target as Element).getAttribute(attributeName!) !== oldValue) add(`attribute ${attributeName}`);
        } else if (type === "characterData") {
          if (target.textContent !== oldValue) add("text");
        } else {
          for (const [word, nodes] of [["added", addedNodes], ["removed", removedNodes]] as const) {
            for (const node of nodes) {
              if (node instanceof Element) add(`${word} ${node.tagName.toLowerCase()}`, node);
              else if (node instanceof Text && node.data !== "") add("text");
            }
          }
        }
      }
    };
    const observer = new MutationObserver(note);
    observer.observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeOldValue: true,
      characterData: true,
      characterDataOldValue: true,
    });
    const take = async () => {
      let before = -1;
      for (let calm = 0; calm < 10; calm = changes.length === before ? calm + 1 : 0) {
        before = changes.length;
        await new Promise(requestAnimationFrame);
        note(observer.takeRecords());
      }
      return changes.splice(0);
    };
    Object.assign(window, { take });
  }, PARTS);
  return () => person.page.evaluate(() => (window as unknown as { take: () => Promise<Change[]> }).take());
}

/** Changes as lines, for a comparison that shows which were too many. */
export const lines = (changes: Change[]): string[] => changes.map(({ where, what, path }) => `${where}: ${what} (${path})`);
