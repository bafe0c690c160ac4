import type { Page } from "@playwright/test";
import * as ui from "../support/page";
import { expect, test } from "../support/test";

const WIDTHS = [360, 719, 720, 899, 900, 1280, 1440];

const box = async (page: Page, selector: string) => {
  const box = await page.locator(selector).first().boundingBox();
  if (!box) throw new Error(`${selector} has no place`);
  return box;
};

const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test("F1: one pane below 720 pixels, two from 720 on; one badge, nothing wider than the screen", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "W".repeat(2_000));
  // A page of its own over the one pane there is.
  const covered = /details/;
  for (const path of ["/", "/new", "/settings", `/c/${conversation}`, `/c/${conversation}?details`]) {
    await anna.goes(path);
    await anna.isLive();
    for (const width of WIDTHS) {
      await anna.page.setViewportSize({ width, height: 800 });
      const at = `${path} at ${width}`;
      await expect(ui.badge(anna.page), `badges of ${at}`).toHaveCount(width < 720 && covered.test(path) ? 0 : 1);
      expect(await isTooWide(anna.page), `${at} is too wide`).toBe(false);
      const twoPanes = width >= 720;
      await expect(ui.list(anna.page)).toBeVisible({ visible: twoPanes || path === "/" });
      await expect(anna.page.locator(".main :is(.blank, .page, .room)").first()).toBeVisible({ visible: twoPanes || path !== "/" });
    }
  }
  await anna.goes(`/c/${conversation}`);
  await anna.page.setViewportSize({ width: 1_440, height: 800 });
  const [column, pane] = [await box(anna.page, ".log-inner"), await box(anna.page, ".log")];
  expect(column.width).toBeLessThanOrEqual(720);
  expect(Math.abs(column.x + column.width / 2 - (pane.x + pane.width / 2)), "centred").toBeLessThan(12);
});

test("F1: the list is widened by its edge, with pointer and keys, and this browser remembers it", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  await bob.send(await bob.conversation(["anna"]), "Hello");
  await anna.goes("/");
  await anna.isLive();
  const { page } = anna;
  const edge = page.getByRole("separator", { name: "Width of the list" });
  const width = async () => Math.round((await box(page, ".side")).width);
  const before = await width();
  const at = await edge.boundingBox();
  if (!at) throw new Error("the edge has no place");
  await page.mouse.move(at.x + at.width / 2, 400);
  await page.mouse.down();
  await page.mouse.move(at.x + at.width / 2 + 80, 400, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => Math.abs((await width()) - before - 80)).toBeLessThanOrEqual(1);
  const wide = await width();
  await anna.reloads();
  expect(await width(), "after loading the page again").toBe(wide);
  await edge.press("ArrowLeft");
  await expect.poll(width).toBe(wide - 16);
  await edge.press("End");
  await expect.poll(width).toBe(520);
  await page.setViewportSize({ width: 800, height: 800 });
  await expect.poll(width, "no more than a part of the window").toBe(360);
  await page.setViewportSize({ width: 1_280, height: 800 });
  await edge.dblclick();
  await expect.poll(width).toBe(before);
});

test("F1: the list folds to faces, and this browser remembers it from the first paint on", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  await anna.api.conversation(["bob"]);
  await anna.goes("/");
  await anna.isLive();
  expect((await box(anna.page, ".side")).width).toBe(300);
  const fold = anna.page.getByRole("button", { name: /^(Collapse|Expand) list$/ });
  await fold.click();
  await expect.poll(async () => (await box(anna.page, ".side")).width).toBe(72);
  await expect(anna.listed("bob"), "still has its name").toBeVisible();

  // Before the page is live: its scripts never arrive.
  await anna.page.route(/\.(js|wasm)(\?|$)/, (route) => route.abort());
  people.watch.expectBrokenLink();
  await anna.page.reload();
  expect((await box(anna.page, ".side")).width).toBe(72);
  await anna.page.unroute(/\.(js|wasm)(\?|$)/);
  await anna.reloads();
  await fold.click();
  await expect.poll(async () => (await box(anna.page, ".side")).width).toBe(300);
});

test("F1: details beside the conversation, over it, or in its place; by a link, so also without JavaScript", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.opens(conversation);
  const details = anna.page.getByRole("region", { name: "Details" });
  const head = anna.page.getByRole("heading", { name: "bob" }).getByRole("link");

  await anna.page.setViewportSize({ width: 1_440, height: 800 });
  await head.click();
  await expect(details.getByRole("listitem").filter({ hasText: "Anna Ek" })).toContainText("You");
  const [talk, beside] = [await box(anna.page, ".talk"), await box(anna.page, ".details")];
  expect(talk.x + talk.width, "beside").toBeLessThanOrEqual(beside.x);
  await expect(details.getByRole("link", { name: "Close the details" })).toBeFocused();
  await anna.page.keyboard.press("Escape");
  await expect(details).toHaveCount(0);
  await expect(head, "the focus is back").toBeFocused();

  await anna.page.setViewportSize({ width: 1_000, height: 800 });
  await anna.page.getByRole("button", { name: "More" }).click();
  await anna.page.getByRole("link", { name: "Details" }).click();
  await expect(details).toBeVisible();
  expect((await box(anna.page, ".talk")).width, "over it").toBeGreaterThan(690);

  await anna.page.setViewportSize({ width: 360, height: 740 });
  expect((await box(anna.page, ".details")).width, "in its place").toBe(360);
  await expect(ui.composer(anna.page)).toBeHidden();
  await details.getByRole("link", { name: "Close the details" }).click();
  await expect(ui.composer(anna.page)).toBeVisible();

  const plain = await anna.device({ javaScript: false });
  await plain.goes(`/c/${conversation}`);
  await plain.page.getByRole("heading", { name: "bob" }).getByRole("link").click();
  await expect(plain.page.getByRole("region", { name: "Details" })).toContainText("@bob");
  await plain.page.getByRole("link", { name: "Close the details" }).click();
  await expect(plain.page.getByRole("region", { name: "Details" })).toHaveCount(0);
});

test("F1: on a phone the focus moves into the conversation and back to its row", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  await people.bot("bob");
  await anna.api.conversation(["bob"]);
  await anna.goes("/");
  await anna.isLive();
  await anna.listed("bob").tap();
  const heading = anna.page.getByRole("heading", { level: 1, name: "bob" });
  await expect(heading, "not the text box: that would bring up the keyboard").toBeFocused();
  await anna.page.getByRole("link", { name: "Back to the list" }).tap();
  await expect(anna.listed("bob")).toBeFocused();
  // Frequent actions are within reach of the thumb.
  const start = anna.page.getByRole("link", { name: "New conversation" });
  expect((await start.boundingBox())?.y).toBeGreaterThan(844 * 0.7);
});

/** Pairs of these elements that lie over one another, and those that stick out of the screen. */
const clashes = (page: Page, selectors: string[]) =>
  page.evaluate((selectors) => {
    const name = (element: Element) => `${element.tagName} ${element.className}`;
    const wrong: string[] = [];
    for (const selector of selectors) {
      const shown = [...document.querySelectorAll(selector)].filter((element) => {
        const style = getComputedStyle(element);
        return element.getClientRects().length > 0 && style.clipPath === "none" && style.visibility === "visible" && style.position !== "fixed";
      });
      const boxes = shown.map((element) => ({ element, box: element.getBoundingClientRect() }));
      for (const { element, box } of boxes) {
        if (box.left < -1 || box.right > innerWidth + 1) wrong.push(`${name(element)} sticks out`);
      }
      boxes.forEach((a, at) => {
        for (const b of boxes.slice(at + 1)) {
          const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (across > 1 && down > 1) wrong.push(`${name(a.element)} lies over ${name(b.element)}`);
        }
      });
    }
    return wrong;
  }, selectors);

const PARTS = [".side-head > *", ".item > *", ".updated > *", ".side-foot > *", ".head > *", ".composer > *", ".talk > *", ".details-head > *", ".member > *"];

for (const [what, width, height, letters] of [
  ["zoom 200 % of 1280", 640, 400, 1],
  ["zoom 200 % of 360", 180, 370, 1],
  ["text size 200 % at 1280", 1280, 800, 2],
  ["text size 200 % at 360", 360, 740, 2],
] as const) {
  test(`F1: ${what}: nothing is cut off, nothing overlaps`, async ({ people }) => {
    const anna = await people.join("anna", { first_name: "Anna", last_name: "Ekström-Lindqvist" });
    const bob = await people.bot("bob");
    const group = await bob.conversation(["anna"], "A title that is as long as a title may be, and goes on and on until nothing fits beside it any more, and then a bit on");
    await bob.send(group, "Some words of an ordinary length, so that the line breaks.");
    await anna.opens(group);
    await anna.page.setViewportSize({ width, height });
    for (const path of ["/", `/c/${group}`, `/c/${group}?details`]) {
      await anna.goes(path);
      await anna.isLive();
      await anna.page.evaluate((letters) => (document.documentElement.style.fontSize = `${letters * 100}%`), letters);
      await expect.poll(() => clashes(anna.page, PARTS), path).toEqual([]);
      expect(await isTooWide(anna.page), `${path} is too wide`).toBe(false);
    }
  });
}

/** Lets the word "Connected" stay, which goes after two seconds. */
const keepWord = (page: Page) => page.evaluate(() => (document.documentElement.style.animation = "none"));

/** Faults of the badge: words that are cut, and elements that they cover. */
const badgeFaults = (page: Page) =>
  page.evaluate(() => {
    const shown = (element: Element) => {
      const { visibility, clipPath } = getComputedStyle(element);
      return element.getClientRects().length > 0 && visibility === "visible" && clipPath === "none";
    };
    const faults: string[] = [];
    const badges = [...document.querySelectorAll(".badge")].filter((badge) => shown(badge));
    if (badges.length !== 1) return [`${badges.length} badges`];
    const others = [...document.querySelectorAll(".brand, .icon-button, h1, .head .quiet, .item, .log, .composer, .me, .sheet, .updated, .face, .blank > *")].filter(shown);
    for (const part of badges[0].querySelectorAll(".badge-word, .badge-why")) {
      for (const box of shown(part) ? part.getClientRects() : []) {
        if (box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight) faults.push(`${part.className} leaves the screen`);
        for (const other of others) {
          // The list and the log are scrolled: only what is on the screen of them counts.
          const frame = other.closest(".list")?.getBoundingClientRect();
          // A name is its letters, as far as they are shown; a row, a button and a field are their box.
          const range = document.createRange();
          range.selectNodeContents(other);
          const own = other.getBoundingClientRect();
          const letters = other.matches(".brand, h1") ? range.getBoundingClientRect() : own;
          const [left, right] = [Math.max(letters.left, own.left), Math.min(letters.right, own.right)];
          const { top, bottom } = letters;
          const across = Math.min(box.right, right) - Math.max(box.left, left);
          const down = Math.min(box.bottom, bottom, frame?.bottom ?? bottom) - Math.max(box.top, top, frame?.top ?? top);
          // The line of the name in the list's head is higher than its letters.
          if (across > 1 && down > (other.matches(".brand") ? 5 : 1)) faults.push(`${part.className} covers ${other.className || other.tagName}`);
        }
      }
      const { scrollWidth, clientWidth } = part as HTMLElement;
      if (shown(part) && scrollWidth > clientWidth && getComputedStyle(part).display !== "inline") faults.push(`${part.className} is cut`);
    }
    return faults;
  });

for (const [language, letters] of [["en", 1], ["de", 1], ["ar", 1], ["de", 2]] as const) {
  test(`P2 F1: the badge's words are never cut and cover nothing, in "${language}" with letters of ${letters * 100} %`, async ({ people }) => {
    test.setTimeout(120_000);
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"], "A title that is long enough to need all the room there is in the head");
    for (let n = 1; n <= 30; n++) await bob.send(conversation, `Line ${n}`);
    const { page } = anna;
    await anna.chooses(language);
    for (const path of ["/", `/c/${conversation}`, `/c/${conversation}?details`, "/settings"]) {
      for (const state of ["connected", "offline"] as const) {
        await page.context().setOffline(false);
        await page.setViewportSize({ width: 1280, height: 800 });
        await anna.goes(path);
        await anna.isLive();
        if (state === "offline") {
          await page.context().setOffline(true);
          await anna.isAt("offline");
          await expect(page.locator(".badge-why:visible")).toBeVisible();
        }
        await keepWord(page);
        await page.evaluate((letters) => (document.documentElement.style.fontSize = `${letters * 100}%`), letters);
        // Two panes are measured in em: with letters of twice the size they need twice the screen.
          for (const width of letters === 1 ? [320, 390, 719, 720, 900, 1280] : [320, 390, 719, 1280]) {
          if (width < 720 && path.endsWith("details")) continue;
          await page.setViewportSize({ width, height: 800 });
          for (const folded of width < 720 ? [false] : [false, true]) {
            await page.evaluate((folded) => document.documentElement.toggleAttribute("data-folded", folded), folded);
            expect.soft(await badgeFaults(page), `${state}, ${path} at ${width}${folded ? ", folded" : ""}`).toEqual([]);
            expect.soft(await isTooWide(page), `${path} at ${width} is too wide`).toBe(false);
          }
        }
      }
    }
  });
}

for (const phone of [false, true]) {
  test(`P2 F1: connection problems do not move the log, ${phone ? "on a phone" : "on a desktop"}`, async ({ people }) => {
    people.watch.expectBrokenLink();
    const anna = await people.join("anna", { phone });
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    for (let n = 1; n <= 30; n++) await bob.send(conversation, `Line ${n}`);
    const { page } = anna;
    const places = () =>
      page.evaluate(() =>
        [...document.querySelectorAll(".brand, .icon-button:not(.refresh), .item, .head :is(h1, .face), .message, .composer, .me")].map(
          (element) => `${element.className}: ${Math.round(element.getBoundingClientRect().top)}`,
        ),
      );
    for (const path of ["/", `/c/${conversation}`]) {
      await page.context().setOffline(false);
      await anna.goes(path);
      await anna.isLive();
      if (path !== "/") await page.locator(".log").evaluate((log) => (log.scrollTop = -120));
      const before = await places();
      await page.context().setOffline(true);
      await expect(page.locator(".badge-why:visible")).toBeVisible();
      expect(await places(), path).toEqual(before);
    }
  });
}
