import type { BrowserContext, Page } from "@playwright/test";

// Messages that a browser logs by itself when the network fails.
const NETWORK = /net::ERR_|WebSocket connection to .* failed|Failed to load resource|Network error|Failed to fetch/;

/** Listens to what pages say: an error that no test expects fails it. */
export class Watch {
  private said: string[] = [];
  private expected: RegExp[] = [];

  /** Everything that no test expected. */
  get problems(): string[] {
    return this.said.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }

  /** Errors like this are part of the test. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** The test takes the network away: the browser may say so. */
  expectBrokenLink(): void {
    this.expect(NETWORK);
  }

  async context(context: BrowserContext, who: string): Promise<void> {
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`Content-Security-Policy violation: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    context.on("page", (page) => this.page(page, who));
  }

  private page(page: Page, who: string): void {
    page.on("pageerror", (error) => this.problem(`${who}: ${error}`));
    page.on("crash", () => this.problem(`${who}: the page crashed`));
    page.on("console", (message) => {
      if (message.type() === "error") this.problem(`${who}: ${message.text()} (${message.location().url})`);
    });
  }

  private problem(text: string): void {
    this.said.push(text);
  }
}
