import { type Browser, type BrowserContext, type BrowserContextOptions, expect, type Locator, type Page } from "@playwright/test";
import { Api, PASSWORD } from "./api";
import * as ui from "./page";
import { Watch } from "./watch";

/** How somebody comes to Rapport. */
export interface Coming {
  /** On a phone, 390 × 844, by touch. */
  phone?: boolean;
  /** False: with JavaScript switched off. */
  javaScript?: boolean;
  /** False: with JavaScript on, but the WASM never arrives. */
  wasm?: boolean;
  /** The preferred language of the browser, such as "de-AT". */
  locale?: string;
  first_name?: string;
  last_name?: string;
  /** Comes with this cookie. */
  cookie?: { name: string; value: string };
}

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };

/** Everybody who takes part in a test. */
export class People {
  readonly watch = new Watch();
  private contexts: BrowserContext[] = [];

  constructor(
    private browser: Browser,
    /** The origin that browsers use. */
    readonly url: () => string,
  ) {}

  /** An account, and a browser window that is signed in to it. */
  async join(name: string, how: Coming = {}): Promise<Person> {
    const api = new Api(this.url);
    const id = await api.register(name, how);
    await api.signIn(name);
    const person = new Person(this, name, id, api, how, await this.window(name, how));
    await person.signsIn();
    return person;
  }

  /** A browser window that is signed in to an account which is there already. */
  async comes(name: string, how: Coming = {}): Promise<Person> {
    const api = new Api(this.url);
    await api.signIn(name);
    const me = await api.get<{ id: number }>("/api/me");
    const person = new Person(this, name, me.body.id, api, how, await this.window(name, how));
    await person.signsIn();
    return person;
  }

  /** An account alone, for a program. */
  async bot(name: string): Promise<Api> {
    const api = new Api(this.url);
    await api.register(name);
    await api.signIn(name);
    return api;
  }

  /** A browser of its own: nothing shared with the others. */
  async window(who: string, how: Coming = {}): Promise<Page> {
    const context = await this.browser.newContext({
      ...(how.phone ? PHONE : DESKTOP),
      javaScriptEnabled: how.javaScript ?? true,
      ...(how.locale ? { locale: how.locale } : {}),
    });
    this.contexts.push(context);
    if (how.cookie) await context.addCookies([{ ...how.cookie, url: this.url() }]);
    await this.watch.context(context, who);
    if (how.wasm === false) {
      this.watch.expectBrokenLink();
      await context.route("**/*.wasm", (route) => route.abort());
    }
    return context.newPage();
  }

  async leave(): Promise<void> {
    for (const context of this.contexts) await context.close();
  }
}

/** Somebody at one tab of a browser. */
export class Person {
  constructor(
    private people: People,
    readonly name: string,
    readonly id: number,
    readonly api: Api,
    private how: Coming,
    readonly page: Page,
  ) {}

  /** The displayed name: first and last name, else the username. */
  get shownAs(): string {
    return [this.how.first_name, this.how.last_name].filter(Boolean).join(" ") || this.name;
  }

  /** Plain forms and links are all there is. */
  get isPlain(): boolean {
    return this.how.javaScript === false || this.how.wasm === false;
  }

  /** The same browser, another tab. */
  async tab(): Promise<Person> {
    return new Person(this.people, this.name, this.id, this.api, this.how, await this.page.context().newPage());
  }

  /** The same person at another browser. */
  async device(how: Coming = {}): Promise<Person> {
    const page = await this.people.window(`${this.name}'s other device`, how);
    const person = new Person(this.people, this.name, this.id, this.api, how, page);
    await person.signsIn();
    return person;
  }

  async goes(path: string): Promise<void> {
    await this.page.goto(this.people.url() + path);
  }

  async signsIn(): Promise<void> {
    await this.goes("/sign-in");
    await this.signsInAgain();
    await this.page.waitForURL(/\/$/);
  }

  /** Chooses a language in the settings, and waits until the page is in it. */
  async chooses(language: string): Promise<void> {
    await this.goes("/settings");
    // The page may be in this language already: without the answer, it would load again at some later time.
    const saved = this.page.waitForResponse((response) => response.url().endsWith("/settings/appearance"));
    await this.page.getByLabel("Language").selectOption(language);
    await saved;
    await expect(this.page.locator("html")).toHaveAttribute("lang", language);
  }

  /** Signs out in this browser, or everywhere, as the buttons in the settings do. */
  async signsOut(everywhere = false): Promise<void> {
    const url = `${this.people.url()}/sign-out${everywhere ? "-everywhere" : ""}`;
    await this.page.request.post(url, { headers: { Origin: this.people.url() } });
  }

  /** Signs in at the form that is on the screen, in any language. */
  async signsInAgain(name = this.name): Promise<void> {
    const form = this.page.locator("form:has(input[name=password])");
    await form.locator("input[name=username]").fill(name);
    await form.locator("input[name=password]").fill(PASSWORD);
    await form.locator("button.button").click();
  }

  /**
   * Opens the conversation with these people (or of this id) by a click on its row in the list, and by its address only
   * where the page has no such row. Waits until the page is live.
   */
  async opens(...others: (Person | number)[]): Promise<number> {
    const id = await this.conversation(others);
    if (!(await this.clicks(id))) await this.goes(`/c/${id}`);
    await this.isLive();
    return id;
  }

  /** Loads the conversation by its address: a new document, rendered by the server. */
  async loads(...others: (Person | number)[]): Promise<number> {
    const id = await this.conversation(others);
    await this.goes(`/c/${id}`);
    await this.isLive();
    return id;
  }

  private async conversation(others: (Person | number)[]): Promise<number> {
    const [first] = others;
    return typeof first === "number" ? first : this.api.conversation(names(others));
  }

  /** Clicks the conversation's row in the list, on one pane after going back to the list. False: there is no such row. */
  private async clicks(id: number): Promise<boolean> {
    const { page } = this;
    // A new tab, a page before the sign-in, and a page without JavaScript have no live list.
    if (this.isPlain || (await page.locator(".layout").count()) === 0) return false;
    if (!(await comes(page.locator("html[data-hydrated]")))) return false;
    const row = ui.row(page, id);
    // A conversation that was just created comes into the list by a frame. It does not come while the line is down, nor
    // for somebody who is not a member.
    if (!(await comes(row))) return false;
    if (!(await row.isVisible())) await this.presses(page.locator(".back:visible"));
    await this.presses(row);
    await expect(page).toHaveURL(new RegExp(`/c/${id}$`));
    await expect(ui.form(page)).toHaveAttribute("action", `/c/${id}/messages`);
    return true;
  }

  private async presses(target: Locator): Promise<void> {
    if (this.how.phone) await target.tap();
    else await target.click();
  }

  async isLive(): Promise<void> {
    if (this.isPlain) return;
    await expect(this.page.locator("html[data-hydrated]")).toBeAttached();
    await this.isAt("connected");
  }

  /** The connection, as the page shows it. */
  async isAt(link: ui.Link, within = 10_000): Promise<void> {
    await expect(this.page.locator("html")).toHaveAttribute("data-link", link, { timeout: within });
  }

  async reloads(): Promise<void> {
    await this.page.reload();
    await this.isLive();
  }

  /** Types and sends. */
  async says(text: string): Promise<void> {
    await ui.composer(this.page).fill(text);
    // Enter breaks the line where there is no keyboard and no script.
    if (this.how.phone || this.isPlain) await ui.send(this.page).click();
    else await ui.composer(this.page).press("Enter");
    if (!this.isPlain) await expect(ui.composer(this.page)).toHaveValue("");
  }

  /** Types, key by key, and does not send. */
  async types(text: string): Promise<void> {
    await ui.composer(this.page).pressSequentially(text);
  }

  /** These texts are on the screen, each once. */
  async sees(...texts: string[]): Promise<void> {
    for (const text of texts) await expect(this.message(text)).toHaveCount(1);
  }

  async seesNot(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(0);
  }

  /** The conversation on the screen is this and nothing else, in this order. */
  async seesExactly(texts: string[], within = 10_000): Promise<void> {
    await expect(ui.content(ui.log(this.page))).toHaveText(texts, { timeout: within, useInnerText: true });
  }

  /** Checks that the screen equals the content of the database. */
  async seesAllOf(conversation: number): Promise<void> {
    await this.seesExactly((await this.api.history(conversation)).map((message) => message.content));
  }

  /** The row of one message. */
  message(text: string) {
    return ui.rows(this.page).filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** The message is durable on the server, and the page says so. */
  async knowsSent(text: string): Promise<void> {
    await expect(this.message(text)).toHaveAttribute("data-state", /^(sent|delivered|read)$/);
  }

  /** Deletes a message by its menu. */
  async deletes(text: string, audience: "me" | "everyone"): Promise<void> {
    const row = this.message(text);
    await row.hover();
    await row.getByRole("button", { name: "More" }).click();
    await this.page.getByRole("button", { name: `Delete for ${audience}` }).click();
    if (audience === "everyone") {
      await this.page.getByRole("alertdialog").getByRole("button", { name: "Delete", exact: true }).click();
    }
  }

  async seesTyping(other: Person, within = 5_000): Promise<void> {
    await expect(ui.typing(this.page)).toContainText(other.shownAs, { timeout: within });
  }

  async seesNobodyTyping(within = 10_000): Promise<void> {
    await expect(ui.typing(this.page)).not.toContainText(/typing/, { timeout: within });
  }

  /** Another tab or program is in front: the page is neither visible nor focused. */
  async looksAway(): Promise<void> {
    await this.attention(false);
  }

  async looksBack(): Promise<void> {
    await this.attention(true);
  }

  /** A conversation's row in the list. */
  listed(name: string) {
    return ui.listed(this.page, name);
  }

  async seesUnread(name: string, count: number): Promise<void> {
    const badge = ui.unread(this.listed(name));
    if (count === 0) await expect(badge).toHaveCount(0);
    else await expect(badge).toContainText(String(count));
  }

  /** The console of this tab will have said so by then. */
  hears(text: string): Promise<unknown> {
    return this.page.waitForEvent("console", { predicate: (message) => message.text().includes(text), timeout: 30_000 });
  }

  /** Fails when the page was loaded anew since: `const stays = await anna.staysOnThePage(); …; await stays()`. */
  async staysOnThePage(): Promise<() => Promise<void>> {
    await this.page.evaluate(() => Object.assign(window, { sameDocument: true }));
    return async () => expect(await this.page.evaluate(() => "sameDocument" in window), "no reload").toBe(true);
  }

  // A headless browser has no other window to put in front, so the page is told what a real one would tell it.
  private async attention(there: boolean): Promise<void> {
    await this.page.evaluate((there) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (there ? "visible" : "hidden") });
      Object.defineProperty(document, "hidden", { configurable: true, get: () => !there });
      document.hasFocus = () => there;
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      window.dispatchEvent(new Event(there ? "focus" : "blur"));
    }, there);
  }

  /** The moment (in milliseconds) at which a text comes onto the screen. Ask before it does. */
  async moment(text: string): Promise<{ passed: Promise<number> }> {
    const name = `moment_${Math.random().toString(36).slice(2)}`;
    await this.page.evaluate(
      ([name, text]) => {
        const shown = () => document.body.innerText.includes(text);
        const seen = new Promise<number>((done) => {
          const look = () => (shown() ? (done(Date.now()), observer.disconnect()) : undefined);
          const observer = new MutationObserver(look);
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
          look();
        });
        Object.assign(window, { [name]: seen });
      },
      [name, text],
    );
    return { passed: this.page.evaluate((name) => (window as unknown as Record<string, Promise<number>>)[name], name) };
  }
}

/** Whether the element is attached within 3 seconds. */
const comes = (target: Locator): Promise<boolean> =>
  target.waitFor({ state: "attached", timeout: 3_000 }).then(
    () => true,
    () => false,
  );

const names = (others: (Person | number)[]): string[] =>
  others.filter((other): other is Person => other instanceof Person).map((other) => other.name);
