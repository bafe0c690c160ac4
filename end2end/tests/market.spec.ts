import type { Browser, FrameLocator, Page } from "@playwright/test";
import { found } from "../support/axe";
import { Market } from "../support/market";
import { PARTS } from "../support/page";
import { expect, test } from "../support/test";

// The main job of a product that embeds Rapport: its own pages, people and e-mails, and no chat code.

/** The conversation on a page of the market. */
const chat = (page: Page): FrameLocator => page.frameLocator(".chat iframe");

/** A person of the market in a browser of their own, on its first page; `problems` gets what their pages complain of. */
async function comes(browser: Browser, market: Market, name: string, problems: string[], phone = false): Promise<Page> {
  const context = await browser.newContext(phone ? { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } : {});
  const page = await context.newPage();
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) problems.push(`${name}: ${message.text()}`);
  });
  await page.goto(market.url);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("button", { name }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  return page;
}

async function isLive(page: Page): Promise<void> {
  await expect(chat(page).locator("html[data-hydrated][data-link=connected]")).toBeAttached();
}

async function says(page: Page, text: string): Promise<void> {
  await chat(page).locator(PARTS.field).fill(text);
  await chat(page).getByRole("button", { name: "Send", exact: true }).click();
  await expect(chat(page).locator(PARTS.content).getByText(text)).toBeVisible();
}

async function reads(page: Page, text: string): Promise<void> {
  await expect(chat(page).locator(PARTS.content).getByText(text)).toBeVisible();
}

test.describe("the example product", () => {
  let market: Market;
  let problems: string[];

  test.beforeEach(async ({ server }) => {
    problems = [];
    market = new Market(server);
    await market.start();
  });

  test.afterEach(async ({}, info) => {
    if (info.status !== info.expectedStatus) await info.attach("market log", { body: market.log });
    await market.stop();
  });

  test("C4 X2 X3 a buyer chats with the seller on the listing's page, who gets an e-mail when away", async ({ browser }) => {
    test.slow();
    const ana = await comes(browser, market, "Ana Silva", problems);
    await ana.getByRole("link", { name: "City bicycle" }).click();
    await ana.getByRole("button", { name: "Chat with seller" }).click();
    await isLive(ana);
    await expect(chat(ana).locator(".subject")).toContainText("City bicycle");
    await expect(chat(ana).locator(".subject")).toContainText("Listing · Open");

    expect.soft(await found(ana)).toEqual([]);

    const ben = await comes(browser, market, "Ben Okafor", problems);
    await ben.getByRole("link", { name: "City bicycle" }).click();
    await isLive(ben);
    await says(ana, "Is it still there?");
    await reads(ben, "Is it still there?");
    await says(ben, "It is. Come today!");
    await reads(ana, "It is. Come today!");
    expect(ana.url()).toBe(`${market.url}/listings/1`);

    // The seller goes away.
    await ben.context().close();
    await says(ana, "I am in front of your house");
    await expect.poll(() => market.mails().length, { timeout: 60_000 }).toBeGreaterThan(0);
    const mail = market.mails()[0];
    expect(mail).toContain("To: Ben Okafor <ben@market.example>");
    expect(mail).toContain("Subject: New message about “City bicycle”");
    const link = /^http:\S+$/m.exec(mail)?.[0] ?? "";
    expect(link).toContain(`${market.url}/listings/1`);

    // The link of the e-mail leads to the conversation, after the sign-in.
    const later = await (await browser.newContext()).newPage();
    await later.goto(link);
    await later.getByRole("link", { name: "Sign in to chat" }).click();
    await later.getByRole("button", { name: "Ben Okafor" }).click();
    await isLive(later);
    await reads(later, "I am in front of your house");
    await says(later, "On my way");
    await reads(ana, "On my way");
    expect(problems).toEqual([]);
    for (const page of [ana, later]) await page.context().close();
  });

  for (const phone of [false, true]) {
    test(`C4 X2 X3 an accepted application opens the chat on the job's page${phone ? " on a phone" : ""}`, async ({ browser }) => {
      const cara = await comes(browser, market, "Cara Lindqvist", problems, phone);
      await cara.getByRole("link", { name: "Paint a garden fence" }).click();
      await cara.getByRole("button", { name: "Accept Deniz Kaya" }).click();
      await isLive(cara);
      await expect(chat(cara).locator(".subject")).toContainText("Paint a garden fence");

      const deniz = await comes(browser, market, "Deniz Kaya", problems, phone);
      await deniz.getByRole("link", { name: "Paint a garden fence" }).click();
      await isLive(deniz);
      await says(cara, "Can you start on Monday?");
      await reads(deniz, "Can you start on Monday?");
      await says(deniz, "At eight");
      await reads(cara, "At eight");
      await chat(deniz).locator(".head h1 a").click();
      await expect(chat(deniz).locator(".details .member").filter({ hasText: "Cara Lindqvist" })).toContainText("client");
      const sideways = await cara.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(sideways, "nothing is wider than the screen").toBe(false);

      // Another applicant has no part in it.
      const elif = await comes(browser, market, "Elif Arslan", problems, phone);
      await elif.getByRole("link", { name: "Paint a garden fence" }).click();
      await expect(elif.getByText("This job is taken.")).toBeVisible();
      await expect(elif.locator("iframe")).toHaveCount(0);
      expect(problems).toEqual([]);
      for (const page of [cara, deniz, elif]) await page.context().close();
    });
  }
});
