import { PARTS } from "./page";
import type { Person } from "./people";

/** One mutation of the document, with the part of the page that it happened in. */
export interface Change {
  /** The part: "typing", "head", "composer", "announcer", "title", "bell", "favicon", "mark as read", "item /c/7", "row <client id>", "log", "list" or "page". */
  where: string;
  /** "attribute <name>", "text", "added <element>" or "removed <element>". */
  what: string;
  /** Classes or tags from `body` down to the changed node. */
  path: string;
  /** The element that was added or removed, or whose attribute or text changed. */
  element: { tag: string; class: string; href: string; client: string };
}

/**
 * Records every mutation of the document from now on. The function that it returns waits until there was none for ten
 * frames, and gives the mutations since its last call.
 */
export async function watchChanges(person: Person): Promise<() => Promise<Change[]>> {
  await person.page.evaluate((parts) => {
    const changes: Change[] = [];
    const element = (node: Node) => (node instanceof Element ? node : node.parentElement);
    // A removed node has lost its ancestors: its former parent is kept.
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
        ["bell", ".bell"],
        ["favicon", "link[rel='icon']"],
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
          // An attribute that is set to the value that it has is no change.
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

/** One line for each change, so that a failed comparison shows the unexpected ones. */
export const lines = (changes: Change[]): string[] => changes.map(({ where, what, path }) => `${where}: ${what} (${path})`);
