import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Page, expect, test } from "@playwright/test";
import * as ui from "../support/page";
import { Proxy } from "../support/proxy";
import { demonstration } from "../support/server";
import { folder } from "./folder";

// Not tests: pictures of each step of what somebody does in a demonstration, made by tools/screenshot.

const SIZES = {
  360: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
  820: { viewport: { width: 820, height: 1180 }, hasTouch: true },
  1440: { viewport: { width: 1440, height: 900 } },
};

for (const [size, device] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${size} ${colorScheme}`, async ({ browser }) => {
      const server = demonstration();
      const network = new Proxy(() => server.port);
      await server.start();
      await network.start();
      server.configure({ RAPPORT_PUBLIC_URL: network.url });
      await server.restart();
      mkdirSync(folder, { recursive: true });
      try {
        const context = await browser.newContext({ ...device, colorScheme });
        const page = await context.newPage();
        const shoot = (step: string) => page.screenshot({ path: join(folder, `${step}-${size}-${colorScheme}.png`) });
        await live(page, network, shoot);
        await context.close();

        const still = await browser.newContext({ ...device, colorScheme, javaScriptEnabled: false });
        const plainPage = await still.newPage();
        const shootPlain = (step: string) => plainPage.screenshot({ path: join(folder, `${step}-${size}-${colorScheme}.png`) });
        await plain(plainPage, network.url, shootPlain);
        await still.close();
      } finally {
        await network.close();
        await server.stop();
        await server.remove();
      }
    });
  }
}

type Shoot = (step: string) => Promise<Buffer>;

async function live(page: Page, network: Proxy, shoot: Shoot) {
  const isLive = () => expect(page.locator("html")).toHaveAttribute("data-link", "connected", { timeout: 30_000 });
  const says = async (text: string) => {
    await ui.composer(page).fill(text);
    await ui.send(page).click();
  };
  const last = () => ui.log(page).locator("[data-state]").last();

  await page.goto(network.url);
  await shoot("01-sign-in");
  await page.goto(`${network.url}/register`);
  await shoot("02-register");
  await page.goto(`${network.url}/sign-in`);
  await page.getByRole("button", { name: "Ada Lindqvist" }).click();
  await isLive();
  await shoot("03-list");

  await page.getByRole("link", { name: "New conversation" }).first().click();
  // Without Enter, which opens whoever is found alone.
  await page.getByRole("search").getByRole("searchbox").fill("o");
  await expect(page.getByRole("button", { name: /Okafor/ })).toBeVisible();
  await shoot("04-find");
  await page.goto(`${network.url}/new?q=a&participants=zoe&participants=robin`);
  await isLive();
  await shoot("05-group");
  await page.goto(`${network.url}/new?q=okafor`);
  await page.getByRole("button", { name: /Okafor/ }).click();
  await isLive();
  await shoot("06-empty");

  network.pause();
  await says("Hello Zoë! Has the globe for the first room arrived, and do you know whether it is the one from 1688?");
  await expect(last()).toHaveAttribute("data-state", "pending");
  await shoot("07-sending");
  network.resume();
  await expect(last()).toHaveAttribute("data-state", /sent|delivered|read/);
  await shoot("08-sent");
  await expect(last()).toHaveAttribute("data-state", /delivered|read/);
  await shoot("09-delivered");
  await expect(last()).toHaveAttribute("data-state", "read");
  await expect(ui.typing(page)).toContainText(/Zoë/, { timeout: 20_000 });
  await shoot("10-typing");
  await expect(ui.typing(page)).not.toContainText(/Zoë/, { timeout: 30_000 });
  await shoot("11-answered");
  await ui.log(page).locator("[data-state]").last().hover();
  await page.getByRole("button", { name: /More|Actions/ }).last().click({ timeout: 3_000 }).catch(() => {});
  await shoot("12-menu");
  await page.keyboard.press("Escape");

  await network.cut();
  await expect(page.locator("html")).not.toHaveAttribute("data-link", "connected");
  await says("The line is gone, and I go on writing.");
  await ui.composer(page).fill("And this is not even sent yet");
  await expect(last()).toHaveAttribute("data-state", "pending");
  await shoot("13-line-lost");
  await network.heal();
  await isLive();
  await expect(last()).toHaveAttribute("data-state", /sent|delivered|read/, { timeout: 20_000 });
  await shoot("14-back");

  await page.goto(network.url);
  await isLive();
  await ui.listed(page, "Tea kitchen").click();
  await expect(ui.composer(page)).toBeVisible();
  await shoot("15-unread");
  await page.goto(network.url);
  await isLive();
  // Several thousand messages.
  await ui.listed(page, "Atlas House").click();
  await expect(ui.composer(page)).toBeVisible();
  await shoot("16-long");
  for (let pages = 0; pages < 3; pages++) {
    const first = await ui.rows(page).first().getAttribute("data-seq");
    await ui.log(page).evaluate((log) => (log.scrollTop = -log.scrollHeight));
    await expect(ui.rows(page).first()).not.toHaveAttribute("data-seq", first ?? "");
  }
  await ui.log(page).evaluate((log) => (log.scrollTop += 700));
  await expect(page.getByRole("button", { name: /latest/i })).toBeVisible();
  await shoot("17-far-up");

  await page.goto(`${network.url}/settings`);
  await shoot("18-settings");
  await page.evaluate(() => document.querySelector("main section:last-of-type, .sheet > :last-child")?.scrollIntoView());
  await shoot("19-settings-end");
  await page.goto(`${network.url}/nothing-here`);
  await shoot("20-not-found");
}

async function plain(page: Page, url: string, shoot: Shoot) {
  await page.goto(`${url}/sign-in`);
  await shoot("30-plain-sign-in");
  await page.getByRole("button", { name: /Lindqvist/ }).click();
  await expect(ui.list(page).getByRole("link").first()).toBeVisible();
  await shoot("31-plain-list");
  await ui.listed(page, "Atlas House").click();
  await expect(ui.composer(page)).toBeVisible();
  await shoot("32-plain-read");
  await ui.older(page).first().click();
  await shoot("33-plain-older");
  await page.goBack();
  await ui.composer(page).fill("Sent by a plain form");
  await ui.send(page).click();
  await expect(ui.log(page).getByText("Sent by a plain form")).toBeVisible();
  await shoot("34-plain-sent");
  await page.goto(`${url}/settings`);
  await shoot("35-plain-settings");
}
