import puppeteer, { type Browser, type ElementHandle, type Page } from "puppeteer-core";
import { until } from "../support/until";
import { type Engine, find, type Kind, type What, type Window } from "./browser";
import { program } from "./program";

/** Chromium and Firefox, both by puppeteer: the one over its DevTools protocol, the other over WebDriver BiDi. */
export const chromium: Kind = {
  name: "Chromium",
  missing: () => program("CHROMIUM", ["chromium", "chromium-browser", "google-chrome"]).missing,
  start: () => start("chrome", program("CHROMIUM", ["chromium", "chromium-browser", "google-chrome"]).path),
};

export const firefox: Kind = {
  name: "Firefox",
  missing: () => program("FIREFOX", ["firefox-esr", "firefox"]).missing,
  start: () => start("firefox", program("FIREFOX", ["firefox-esr", "firefox"]).path),
};

const CHROMIUM_ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--lang=en-GB",
];

async function start(browser: "chrome" | "firefox", executablePath: string): Promise<Engine> {
  // A process a window: each has a focus of its own, as on two people's machines.
  const processes: Browser[] = [];
  return {
    async window() {
      const process = await puppeteer.launch({
        browser,
        executablePath,
        headless: true,
        timeout: 60_000,
        protocolTimeout: 60_000,
        args: browser === "chrome" ? CHROMIUM_ARGUMENTS : [],
        extraPrefsFirefox: { "intl.accept_languages": "en-GB" },
        defaultViewport: { width: 1100, height: 760 },
      });
      processes.push(process);
      // Not the page that is there from the start: in Firefox that one never has the focus, so nothing on it counts as read.
      const page = await (await process.createBrowserContext()).newPage();
      return new PuppeteerWindow(page);
    },
    close: async () => {
      for (const process of processes) await process.close();
    },
  };
}

class PuppeteerWindow implements Window {
  private said: string[] = [];

  constructor(private page: Page) {
    page.on("pageerror", (error) => this.said.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.said.push(`${message.text()} (${message.location().url})`);
    });
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url, { waitUntil: "domcontentloaded", timeout: 60_000 });
  }

  async click(what: What, within?: number): Promise<void> {
    await (await this.one(what, within)).click();
  }

  async type(what: What, text: string): Promise<void> {
    await (await this.one(what)).type(text, { delay: 5 });
  }

  async enter(what: What): Promise<void> {
    await (await this.one(what)).press("Enter");
  }

  ask<A extends unknown[], R>(what: (...given: A) => R, ...given: A): Promise<Awaited<R>> {
    return this.page.evaluate(what as (...given: unknown[]) => R, ...given);
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(await this.page.screenshot());
  }

  errors(): string[] {
    return this.said;
  }

  private one(what: What, within = 30_000): Promise<ElementHandle> {
    return until(async () => {
      const found = await this.page.evaluateHandle(find, what).catch(() => undefined);
      return found?.asElement() as ElementHandle | null | undefined;
    }, `${JSON.stringify(what)} on ${this.page.url()}`, within);
  }
}
