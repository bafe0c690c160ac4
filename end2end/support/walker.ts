import { Api } from "./api";
import { PARTS } from "./page";
import type { People, Person } from "./people";
import type { Proxy } from "./proxy";
import { Random } from "./random";
import type { Server } from "./server";
import { Sockets } from "./sockets";
import { until } from "./until";

/** Time in milliseconds within which the page has to agree with the model after a step. */
const PATIENCE = 15_000;
/** Number of the newest messages that have to be in the log. */
const NEWEST = 20;
/** Time in milliseconds after which a typing indicator expires on the page. */
const TYPING = 6_000;
const SIZES = { desktop: { width: 1280, height: 800 }, tablet: { width: 800, height: 1000 }, phone: { width: 390, height: 844 } };

/** Model of one conversation. */
interface Room {
  id: number;
  name: string;
  /** The other members. Nobody is in two conversations, so a name tells which one it belongs to. */
  bots: string[];
  /** Every message, in the order in which they were sent. */
  said: { text: string; by: string }[];
  /** The last message; undefined while it is not known, because the line was lost when it was written. */
  newest?: string;
  /** Messages that the walker wrote while the line was lost. */
  unsent: string[];
  draft: string;
}

/** State of the walker's line: `tunnel` lets no byte pass, `refused` rejects sockets. */
type Line = "up" | "tunnel" | "refused";

/** Row of the list. */
interface Item {
  href: string;
  name: string;
  preview: string;
  current: boolean;
  unread: number;
  typing: boolean;
}

/** Snapshot of the page. */
interface Snapshot {
  live: boolean;
  link: string;
  address: string;
  title: string;
  count: Record<"head" | "log" | "composer" | "details", number>;
  visible: Record<"head" | "list" | "field" | "back" | "details", boolean>;
  head: string;
  action: string;
  draft: string;
  details: string;
  typing: string;
  rows: { text: string; state: string | null }[];
  items: Item[];
  dialogs: number;
  /** Addresses of the session history, and the index of the current one. */
  entries: string[];
  at: number;
}

/** One possible step; `act` returns its description. */
interface Action {
  weight: number;
  act: () => Promise<string>;
}

/** Random walk through the user interface, with a model of what the page has to show after each step. */
export class Walker {
  readonly steps: string[] = [];
  private readonly random: Random;
  private line: Line = "up";
  private since = 0;
  private counter = 0;
  private address = "/";
  /** For each account the time until which the page may show that it types. */
  private typing = new Map<string, number>();
  /** The account that began to type in the last step. */
  private begun?: { room: Room; name: string };
  private seen!: Snapshot;

  private constructor(
    readonly seed: number,
    private person: Person,
    private network: Proxy,
    private rooms: Room[],
    private bots: Record<string, Api>,
    private sockets: Sockets,
  ) {
    this.random = new Random(seed);
  }

  /** Creates two direct conversations, two groups and one conversation with a long history, and opens the list. */
  static async begin(seed: number, people: People, network: Proxy, server: Server): Promise<Walker> {
    const person = await people.join("wanda");
    const bots: Record<string, Api> = {};
    for (const name of ["bob", "carol", "dave", "erin", "frank", "heidi"]) {
      // Bots do not come through the proxy.
      bots[name] = new Api(() => server.url, (await people.bot(name)).token);
    }
    const rooms: Room[] = [];
    for (const { name, members, messages } of [
      { name: "Archive", members: ["heidi"], messages: 120 },
      { name: "bob", members: ["bob"], messages: 3 },
      { name: "Garden", members: ["dave", "erin"], messages: 7 },
      { name: "carol", members: ["carol"], messages: 1 },
      { name: "Kitchen", members: ["frank"], messages: 4 },
    ]) {
      const bot = bots[members[0]];
      const group = name !== members[0];
      const others = [person.name, ...members.slice(1)];
      const room: Room = { id: await bot.conversation(others, group ? name : undefined), name, bots: members, said: [], unsent: [], draft: "" };
      for (let n = 1; n <= messages; n++) {
        const by = members[n % members.length];
        const text = `${name}, line ${n}`;
        await bots[by].send(room.id, text);
        room.said.push({ text, by });
      }
      await person.api.post(`/api/conversations/${room.id}/read`, {});
      rooms.push(room);
    }
    const sockets = await Sockets.open(people, bots, server.url);
    const walker = new Walker(seed, person, network, rooms, bots, sockets);
    await person.goes("/");
    await walker.settle();
    return walker;
  }

  /** Takes `steps` random steps and checks the page after each. */
  async walk(steps: number): Promise<void> {
    for (let n = 1; n <= steps; n++) {
      const action = this.random.weighted(this.actions());
      this.begun = undefined;
      this.since += 1;
      this.steps.push(`${n} …`);
      this.steps[this.steps.length - 1] = `${n} ${await action.act().catch((error) => this.fails([String(error)]))}`;
      await this.settle();
    }
  }

  /** Opens every conversation once more and compares its messages with the database, and its draft with the model. */
  async finish(): Promise<void> {
    if (this.line !== "up") this.steps.push(`end ${await this.regains()}`);
    this.begun = undefined;
    await this.settle();
    for (const room of this.rooms) {
      this.steps.push(`end ${await this.jumps(room)}`);
      await this.settle();
      await this.checkDatabase(room);
    }
    this.steps.push(`end ${await this.reloads()}`);
    await this.settle();
  }

  /** The database holds every message of the model once, and the log shows the newest ones in the same order. */
  private async checkDatabase(room: Room): Promise<void> {
    const kept = await this.bots[room.bots[0]].history(room.id);
    const found = kept.map((message) => `${message.sender.username}: ${message.content}`);
    const wanted = room.said.map(({ text, by }) => `${by}: ${text}`);
    const faults = [
      ...wanted.filter((one) => !found.includes(one)).map((one) => `not in the database of ${room.name}: ${one}`),
      ...found.filter((one) => !wanted.includes(one)).map((one) => `should not be in the database of ${room.name}: ${one}`),
      ...found.filter((one, at) => found.indexOf(one) < at).map((one) => `twice in the database of ${room.name}: ${one}`),
    ];
    const shown = this.seen.rows.map((row) => row.text);
    const newest = kept.slice(-shown.length).map((message) => message.content);
    if (JSON.stringify(shown) !== JSON.stringify(newest)) {
      faults.push(`another order than in the database of ${room.name}: ${JSON.stringify(shown)}, kept: ${JSON.stringify(newest)}`);
    }
    if (faults.length > 0) this.fails(faults);
  }

  /** Waits until the page agrees with the model. */
  private async settle(): Promise<void> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const faults = await this.compare();
      if (faults.length === 0) return;
      if (Date.now() > end) this.fails(faults);
      await new Promise((next) => setTimeout(next, 15));
    }
  }

  private fails(faults: string[]): never {
    const title = `The walker of seed ${this.seed} (E2E_SEED=${this.seed}), after ${this.steps.length} steps:`;
    throw new Error([title, ...faults.map((fault) => `  ✗ ${fault}`), "Steps:", ...this.steps.map((step) => `  ${step}`)].join("\n"));
  }

  private get open(): Room | undefined {
    return this.rooms.find((room) => this.address.split("?")[0] === `/c/${room.id}`);
  }

  /** Whether the line delivers messages, so that the page has to show all of them. */
  private upToDate(seen: Snapshot): boolean {
    return this.line === "up" || (this.line === "refused" && seen.link === "polling");
  }

  /** Takes a snapshot and returns its contradictions to the model. */
  private async compare(): Promise<string[]> {
    let seen: Snapshot;
    try {
      seen = await this.person.page.evaluate(takeSnapshot, PARTS);
    } catch (error) {
      return [String(error)]; // The document was replaced meanwhile.
    }
    this.seen = seen;
    if (!seen.live) return ["the page is not live"];
    const faults: string[] = [];
    const is = (what: string, found: unknown, wanted: unknown) => {
      if (found !== wanted) faults.push(`${what}: ${JSON.stringify(found)}, should be ${JSON.stringify(wanted)}`);
    };
    const room = this.open;
    is("the address", seen.address, this.address);
    is("dialogs", seen.dialogs, 0);
    is("marked in the list", seen.items.filter((item) => item.current).map((item) => item.href).join(), room ? `/c/${room.id}` : "");
    is("the title", seen.title.replace(/^\(\d+\+?\) /, ""), room ? `${room.name} · Rapport` : "Rapport");
    const unread = seen.items.reduce((sum, item) => sum + item.unread, 0);
    is("unread by the title", Number(/^\((\d+)/.exec(seen.title)?.[1] ?? 0), unread);
    is("conversations in the list", [...new Set(seen.items.map((item) => item.name))].sort().join(), this.rooms.map((room) => room.name).sort().join());
    is("rows of the list", seen.items.length, this.rooms.length);
    for (const item of seen.items) {
      const of = this.rooms.find((room) => item.href === `/c/${room.id}`);
      is("the name in the list", item.name, of?.name);
      if (item.typing && !of?.bots.some((name) => this.mayType(name))) faults.push(`the list shows typing in ${item.name}`);
      // In every row, so that the order of the list is settled as well.
      if (of && this.upToDate(seen) && this.showsNewest(item) && !item.preview.includes(of.newest ?? "")) {
        faults.push(`the preview of ${of.name}: ${JSON.stringify(item.preview)}, should have ${JSON.stringify(of.newest)}`);
      }
    }
    for (const part of ["head", "log", "composer"] as const) is(`the number of ${part}s`, seen.count[part], room ? 1 : 0);
    if (!room) {
      is("the list is seen", seen.visible.list, true);
      return faults;
    }
    const details = this.address.endsWith("?details");
    is("the number of details", seen.count.details, details ? 1 : 0);
    if (details) is("the name in the details", seen.details, room.name);
    is("the head or the details are seen", seen.visible.head || seen.visible.details, true);
    is("the head", seen.head, room.name);
    is("where the form leads", seen.action, `/c/${room.id}/messages`);
    is("the draft", seen.draft, room.draft);
    this.checkTyping(room, seen, faults);
    this.checkLog(room, seen, faults);
    return faults;
  }

  private checkTyping(room: Room, seen: Snapshot, faults: string[]): void {
    for (const name of Object.keys(this.bots).filter((name) => seen.typing.includes(name))) {
      if (!room.bots.includes(name)) faults.push(`the typing line of ${room.name} is about ${name}: ${seen.typing}`);
      else if (seen.typing.includes("typing") && !this.mayType(name)) faults.push(`${name} has stopped typing: ${seen.typing}`);
    }
    const begun = this.begun;
    if (begun?.room === room && this.upToDate(seen) && this.mayType(begun.name) && !seen.typing.includes(begun.name)) {
      faults.push(`${begun.name} types in ${room.name} and is not shown: ${JSON.stringify(seen.typing)}`);
    }
  }

  private checkLog(room: Room, seen: Snapshot, faults: string[]): void {
    const texts = seen.rows.map((row) => row.text);
    const all = room.said.map((message) => message.text);
    const known = this.upToDate(seen);
    const owed = known ? all.slice(-NEWEST) : room.unsent;
    for (const text of owed) if (!texts.includes(text)) faults.push(`not in the log of ${room.name}: ${text}`);
    for (const text of texts) if (!all.includes(text)) faults.push(`in the log of ${room.name}, but not sent there: ${text}`);
    for (const [at, text] of texts.entries()) if (texts.indexOf(text) < at) faults.push(`twice in the log of ${room.name}: ${text}`);
    for (const { text, state } of seen.rows) {
      if (state === "failed" || (known && state === "pending")) faults.push(`${state} in ${room.name}: ${text}`);
    }
  }

  /** Whether the row shows the newest message, and not typing or a draft. */
  private showsNewest(item: Item): boolean {
    const of = this.rooms.find((room) => item.href === `/c/${room.id}`);
    return !item.typing && (item.current || of?.draft === "");
  }

  private mayType(name: string): boolean {
    return (this.typing.get(name) ?? 0) > Date.now();
  }

  /** The steps that are possible now, with their weights. */
  private actions(): Action[] {
    const { seen, random, open } = this;
    const known = this.upToDate(seen);
    const loads = this.line !== "tunnel";
    const actions: Action[] = [];
    const can = (weight: number, act: () => Promise<string>, when = true) => when && actions.push({ weight, act });
    can(18, () => this.clicks(random.pick(this.rooms)), seen.visible.list);
    can(18, () => this.goesToTheList(), seen.visible.back);
    can(20, () => this.types(), seen.visible.field);
    can(14, () => this.sends(), seen.visible.field);
    can(5, () => this.erases(), seen.visible.field && open?.draft !== "");
    can(2, () => this.clears(), seen.visible.field && open?.draft !== "");
    // In the tunnel no document can be loaded.
    can(7, () => this.goes(-1), loads && this.isOurs(-1));
    can(5, () => this.goes(1), loads && this.isOurs(1));
    can(5, () => this.opensDetails(), open !== undefined && seen.count.details === 0);
    can(12, () => this.closesDetails(), open !== undefined && seen.count.details > 0);
    can(8, () => this.jumps(random.pick(this.rooms)));
    // While messages are on their way the order of the list may change at any time.
    const ordered = known && seen.items.every((item) => this.showsNewest(item));
    can(8, () => this.presses(random.pick(["Up", "Down"] as const)), ordered);
    can(4, () => this.resizes(random.pick(Object.keys(SIZES) as (keyof typeof SIZES)[])));
    can(2, () => this.reloads(), loads);
    can(2, () => this.loses(random.pick(["tunnel", "refused"] as const)), this.line === "up" && this.since > 20);
    can(30, () => this.regains(), this.line !== "up" && this.since > (this.line === "tunnel" ? 6 : 15));
    can(10, () => this.receives(random.pick(this.rooms)));
    can(6, () => this.somebodyTypes(random.pick(this.rooms)));
    return actions;
  }

  private async clicks(room: Room): Promise<string> {
    await this.person.page.locator(`${PARTS.item}[href="/c/${room.id}"]`).click();
    this.address = `/c/${room.id}`;
    return `clicks ${room.name} in the list`;
  }

  private async goesToTheList(): Promise<string> {
    await this.person.page.locator(PARTS.back).click();
    this.address = "/";
    return "goes back to the list by its link";
  }

  private async types(): Promise<string> {
    const room = this.open!;
    const space = room.draft && this.random.next() < 0.3 ? " " : "";
    const text = space + this.random.letters(1, 6);
    await this.writes(text);
    room.draft += text;
    return `types ${JSON.stringify(text)} in ${room.name}`;
  }

  private async writes(text: string): Promise<void> {
    await this.person.page.locator(PARTS.field).press("Control+End");
    await this.person.page.keyboard.type(text);
  }

  private async sends(): Promise<string> {
    const room = this.open!;
    // The mark makes the text unique.
    const mark = `#${++this.counter}`;
    await this.writes(mark);
    await this.person.page.keyboard.press("Enter");
    const text = room.draft + mark;
    room.draft = "";
    this.record(room, text, this.person.name);
    if (this.line !== "up") room.unsent.push(text);
    return `sends ${JSON.stringify(text)} in ${room.name}`;
  }

  private record(room: Room, text: string, by: string): void {
    room.said.push({ text, by });
    room.newest = this.line === "up" ? text : undefined;
  }

  private async erases(): Promise<string> {
    const room = this.open!;
    const letters = [...room.draft];
    const count = 1 + this.random.below(Math.min(letters.length, 4));
    const field = this.person.page.locator(PARTS.field);
    await field.press("Control+End");
    for (let n = 0; n < count; n++) await field.press("Backspace");
    room.draft = letters.slice(0, -count).join("");
    return `erases ${count} in ${room.name}`;
  }

  private async clears(): Promise<string> {
    const room = this.open!;
    const field = this.person.page.locator(PARTS.field);
    await field.press("Control+a");
    await field.press("Delete");
    room.draft = "";
    return `clears the draft in ${room.name}`;
  }

  /** Whether the previous (or next) entry of the session history is a live page. */
  private isOurs(by: -1 | 1): boolean {
    const address = this.seen.entries[this.seen.at + by];
    return address !== undefined && /^\/(c\/\d+(\?details)?)?$/.test(address);
  }

  private async goes(by: -1 | 1): Promise<string> {
    this.address = this.seen.entries[this.seen.at + by];
    const options = { waitUntil: "commit" } as const;
    await (by < 0 ? this.person.page.goBack(options) : this.person.page.goForward(options));
    return `goes ${by < 0 ? "back" : "forward"} to ${this.address}`;
  }

  private async opensDetails(): Promise<string> {
    const room = this.open!;
    await this.person.page.locator(`${PARTS.head} a`).click();
    this.address = `/c/${room.id}?details`;
    return `opens the details of ${room.name}`;
  }

  private async closesDetails(): Promise<string> {
    const room = this.open!;
    const by = this.random.pick(["Escape", "the button"]);
    if (by === "Escape") await this.person.page.keyboard.press("Escape");
    else await this.person.page.locator(`${PARTS.details} a`).first().click();
    this.address = `/c/${room.id}`;
    return `closes the details of ${room.name} by ${by}`;
  }

  private async jumps(room: Room): Promise<string> {
    const { page } = this.person;
    const dialog = page.getByRole("dialog");
    const letters = room.name.slice(0, 3);
    await page.keyboard.press("Control+k");
    await dialog.getByRole("combobox").waitFor();
    await page.keyboard.type(letters);
    await dialog.getByRole("option", { selected: true }).filter({ hasText: room.name }).waitFor();
    await page.keyboard.press("Enter");
    this.address = `/c/${room.id}`;
    return `jumps to ${room.name} by Ctrl+K ${letters}`;
  }

  private async presses(key: "Up" | "Down"): Promise<string> {
    const { items } = this.seen;
    const here = items.findIndex((item) => item.current);
    const to = here < 0 ? items[0] : items[here + (key === "Up" ? -1 : 1)];
    await this.person.page.keyboard.press(`Alt+Arrow${key}`);
    if (to) this.address = to.href;
    return `presses Alt+Arrow${key}, to ${to?.name ?? "nowhere"}`;
  }

  private async resizes(size: keyof typeof SIZES): Promise<string> {
    await this.person.page.setViewportSize(SIZES[size]);
    return `has a window of the size of a ${size}`;
  }

  private async reloads(): Promise<string> {
    await this.person.page.reload();
    return "reloads";
  }

  private async loses(line: "tunnel" | "refused"): Promise<string> {
    this.line = line;
    this.since = 0;
    if (line === "tunnel") this.network.pause();
    else this.network.sockets("refuse");
    return line === "tunnel" ? "loses the line" : "has no more sockets";
  }

  private async regains(): Promise<string> {
    await this.network.heal();
    this.line = "up";
    this.since = 0;
    for (const room of this.rooms.filter((room) => room.unsent.length > 0)) {
      const kept = async () => (await this.bots[room.bots[0]].history(room.id)).map((message) => message.content);
      await until(async () => {
        const texts = await kept();
        return room.unsent.every((text) => texts.includes(text));
      }, `${JSON.stringify(room.unsent)} in the database of ${room.name}`, PATIENCE);
      room.unsent = [];
    }
    return "has its line again";
  }

  private async receives(room: Room): Promise<string> {
    const by = this.random.pick(room.bots);
    const text = `${by} says ${this.random.letters(2, 9)} #${++this.counter}`;
    await this.bots[by].send(room.id, text);
    this.record(room, text, by);
    // Sending ends typing.
    this.typing.delete(by);
    return `${by} sends ${JSON.stringify(text)} in ${room.name}`;
  }

  private async somebodyTypes(room: Room): Promise<string> {
    const name = this.random.pick(room.bots);
    const begins = !this.mayType(name);
    await this.sockets.types(name, room.id, begins);
    if (begins) {
      this.typing.set(name, Date.now() + TYPING + 500);
      this.begun = { room, name };
    } else {
      this.typing.delete(name);
    }
    return `${name} ${begins ? "begins" : "stops"} to type in ${room.name}`;
  }
}

/** Runs in the page. */
function takeSnapshot(parts: typeof PARTS): Snapshot {
  const all = (selector: string, within: ParentNode = document) => [...within.querySelectorAll<HTMLElement>(selector)];
  const text = (selector: string, within: ParentNode = document) => within.querySelector(selector)?.textContent?.trim() ?? "";
  const visible = (selector: string) => all(selector).some((one) => one.checkVisibility({ visibilityProperty: true }));
  const html = document.documentElement;
  const { navigation } = window as unknown as { navigation: { entries(): { url: string }[]; currentEntry: { index: number } } };
  const address = (url: string) => {
    const { origin, pathname, search } = new URL(url);
    return origin === location.origin ? pathname + search : url;
  };
  return {
    live: html.hasAttribute("data-hydrated"),
    link: html.dataset.link ?? "",
    address: location.pathname + location.search,
    title: document.title,
    count: {
      head: all(parts.head).length,
      log: all(parts.log).length,
      composer: all(parts.composer).length,
      details: all(parts.details).length,
    },
    visible: {
      head: visible(parts.head),
      list: visible(parts.list),
      field: visible(parts.field),
      back: visible(parts.back),
      details: visible(parts.details),
    },
    head: text(parts.head),
    action: document.querySelector(parts.composer)?.getAttribute("action") ?? "",
    draft: document.querySelector<HTMLTextAreaElement>(parts.field)?.value ?? "",
    details: text(parts.detailsName),
    typing: text(parts.typing),
    rows: all(parts.row).map((row) => ({ text: text(parts.content, row), state: row.dataset.state ?? null })),
    items: all(parts.item).map((item) => ({
      href: item.getAttribute("href") ?? "",
      name: text(parts.name, item),
      preview: text(parts.preview, item),
      current: item.hasAttribute("aria-current"),
      unread: parseInt(text(parts.unread, item) || "0", 10),
      typing: item.querySelector(".is-typing") !== null,
    })),
    dialogs: all("dialog[open]").length,
    entries: navigation.entries().map((entry) => address(entry.url)),
    at: navigation.currentEntry.index,
  };
}
