import { PASSWORD } from "../support/api";
import type { Link } from "../support/page";
import type { What, Window } from "./browser";

const COMPOSER: What = { field: "Message" };

/** A user in one window of a browser engine, with the actions of `support/people.ts`. */
export class User {
  constructor(
    readonly name: string,
    readonly window: Window,
    private origin: string,
  ) {}

  async registers(): Promise<void> {
    await this.window.goto(`${this.origin}/register`);
    await this.window.type({ field: "Username" }, this.name);
    await this.window.type({ field: "Password" }, PASSWORD);
    await this.window.click({ button: "Register" });
    await this.eventually(() => location.pathname === "/", "the list after registering");
    await this.isAt("connected");
  }

  /** By name, from the list, as somebody does who has never been here. */
  async finds(other: string): Promise<void> {
    await this.window.click({ link: "New conversation" });
    const search = { css: ".people-search input[type=search]" };
    await this.window.type(search, other);
    await this.window.enter(search);
    // A single result opens by Enter, else by its button.
    const answered = (other: string) =>
      location.pathname.startsWith("/c/") ||
      [...document.querySelectorAll("main button")].some((button) => button.textContent?.includes(`@${other}`));
    await this.eventually(answered, `${other} found`, [other]);
    await this.window.click({ css: "main button", text: `@${other}` }, 1_000).catch(() => {});
    await this.isInAConversation();
  }

  async opens(other: string): Promise<void> {
    await this.window.click({ css: "nav a[href]", text: other });
    await this.isInAConversation();
  }

  private async isInAConversation(): Promise<void> {
    await this.eventually(() => /^\/c\/\d+$/.test(location.pathname), "a conversation's address");
    await this.isAt("connected");
  }

  async types(text: string): Promise<void> {
    await this.window.type(COMPOSER, text);
  }

  async sends(): Promise<void> {
    await this.window.enter(COMPOSER);
    const left = () => document.querySelector<HTMLTextAreaElement>("textarea[name=content]")?.value === "";
    await this.eventually(left, "an empty composer");
  }

  async says(text: string): Promise<void> {
    await this.types(text);
    await this.sends();
  }

  /** The connection, as the page knows it and as its badge says. */
  async isAt(link: Link, within?: number): Promise<void> {
    const is = (link: string) => {
      const html = document.documentElement;
      return html.hasAttribute("data-hydrated") && html.getAttribute("data-link") === link;
    };
    await this.eventually(is, `the link to be ${link}`, [link], within);
  }

  /** The badge tells in words that the line is gone. */
  async isToldOfTheLostLine(): Promise<void> {
    const told = () =>
      [...document.querySelectorAll<HTMLElement>(".badge")].some(
        (badge) => badge.getClientRects().length > 0 && /Reconnecting|Offline/.test(badge.innerText),
      );
    await this.eventually(told, "a badge that says that the line is gone");
  }

  /** It is in the log, once, as this far. */
  async sees(text: string, states?: string[]): Promise<void> {
    await this.eventually(
      (text: string, states: string[] | null) => {
        const rows = [...document.querySelectorAll("[role=log] [data-client-id]")].filter(
          (row) => row.querySelector(".content")?.textContent === text,
        );
        return rows.length === 1 && (!states || states.includes(rows[0].getAttribute("data-state") ?? ""));
      },
      `one row “${text}”${states ? `, ${states.join(" or ")}` : ""}`,
      [text, states ?? null],
    );
  }

  async seesTyping(other: string): Promise<void> {
    const typing = (other: string) => document.querySelector(".typing")?.textContent?.includes(other) ?? false;
    await this.eventually(typing, `${other} typing`, [other]);
  }

  /** Everything that the log shows now, in order. */
  texts(): Promise<string[]> {
    return this.window.ask(() => [...document.querySelectorAll("[role=log] .content")].map((row) => row.textContent ?? ""));
  }

  /** Scrolls up, page after page, until that message is on the screen. */
  async pagesBackTo(text: string): Promise<void> {
    await this.eventually(
      (text: string) => {
        const log = document.querySelector("[role=log]");
        if (!log) return false;
        const row = [...log.querySelectorAll(".content")].find((row) => row.textContent === text);
        if (!row) log.scrollTop = -log.scrollHeight;
        else row.scrollIntoView();
        const at = row?.getBoundingClientRect();
        return !!at && at.top < innerHeight && at.bottom > 0;
      },
      `“${text}”, further up`,
      [text],
    );
  }

  async jumpsToTheLatest(text: string): Promise<void> {
    await this.window.click({ button: "Jump to latest" });
    const shown = (text: string) =>
      [...document.querySelectorAll("[role=log] .content")].some((row) => {
        const at = row.getBoundingClientRect();
        return row.textContent === text && at.top >= 0 && at.bottom <= innerHeight;
      });
    await this.eventually(shown, `“${text}” on the screen`, [text]);
  }

  async reloads(): Promise<void> {
    await this.window.goto(await this.window.ask(() => location.href));
    await this.isAt("connected");
  }

  /** Asks the page until it says yes. A page that is just being left answers nothing, and is asked again. */
  private async eventually<A extends unknown[]>(
    condition: (...given: A) => boolean,
    what: string,
    given: A = [] as unknown as A,
    within = 30_000,
  ): Promise<void> {
    const end = Date.now() + within;
    let last = "it said no";
    while (Date.now() < end) {
      try {
        if (await this.window.ask(condition, ...given)) return;
        last = "it said no";
      } catch (error) {
        last = String(error);
      }
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`${this.name} waited ${within} ms for ${what}; last: ${last}`);
  }
}
