import type { Locator, Page } from "@playwright/test";
import * as ui from "../support/page";
import { expect, test } from "../support/test";

/** A finger on the middle of it, for so long. */
async function presses(page: Page, on: Locator, milliseconds: number, by = { x: 0, y: 0 }): Promise<void> {
  const box = await on.boundingBox();
  if (!box) throw new Error("it has no place");
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const devtools = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) =>
    devtools.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  await touch("touchStart", [at]);
  if (by.x || by.y) await touch("touchMove", [{ x: at.x + by.x, y: at.y + by.y }]);
  await page.waitForTimeout(milliseconds);
  await touch("touchEnd", []);
  await devtools.detach();
}

for (const width of [360, 320]) {
  test(`T8 F1 a message pressed for long opens its menu, on a phone of ${width} px`, async ({ people }) => {
    const anna = await people.join("anna", { phone: true });
    const bob = await people.bot("bob");
    await anna.page.setViewportSize({ width, height: 640 });
    const conversation = await bob.conversation(["anna"]);
    for (const text of ["one", "two", "three"]) await bob.send(conversation, text);
    await anna.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await anna.opens(conversation);
    const bubble = anna.message("two").locator(".content");
    const menu = anna.page.locator("#message-menu");

    // A tap, and a finger that scrolls, open nothing.
    await bubble.tap();
    await presses(anna.page, bubble, 700, { x: 0, y: 60 });
    await expect(menu).toBeHidden();

    await presses(anna.page, bubble, 700);
    await expect(menu).toBeVisible();
    const box = await menu.boundingBox();
    expect(box && [Math.round(box.x), Math.round(box.width)], "as wide as the screen, at its foot").toEqual([0, width]);
    await menu.getByRole("button", { name: "Copy text" }).tap();
    await expect(menu).toBeHidden();
    expect(await anna.page.evaluate(() => navigator.clipboard.readText())).toBe("two");
    await expect(anna.page.locator(".log-note")).toHaveText("Text copied.");

    await presses(anna.page, bubble, 700);
    await menu.getByRole("button", { name: "Delete for me" }).tap();
    await anna.seesExactly(["one", "three"]);
    await anna.page.getByRole("button", { name: "Undo" }).tap();
    await anna.seesExactly(["one", "two", "three"]);
    expect(await anna.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
}

test("T8 at a desk a press that is held selects text, and opens no menu", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "some words to be selected");
  await anna.opens(conversation);
  const box = await anna.message("some words to be selected").locator(".content").boundingBox();
  if (!box) throw new Error("it has no place");
  await anna.page.mouse.move(box.x + 1, box.y + box.height / 2);
  await anna.page.mouse.down();
  await anna.page.waitForTimeout(700);
  await anna.page.mouse.move(box.x + box.width - 1, box.y + box.height / 2, { steps: 5 });
  await anna.page.mouse.up();
  expect(await anna.page.evaluate(() => String(getSelection()))).toContain("words to be select");
  await expect(anna.page.locator("#message-menu")).toBeHidden();
});

test("F1 on a phone the way back closes the details, and then leaves the conversation", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.goes("/");
  await anna.isLive();
  const stays = await anna.staysOnThePage();
  const { page } = anna;
  const details = page.getByRole("region", { name: "Details" });
  await anna.listed("bob").tap();
  const name = page.getByRole("heading", { name: "bob" }).getByRole("link");
  await name.tap();
  await expect(details).toBeVisible();
  await expect(page).toHaveURL(/\?details$/);
  await page.goBack();
  await expect(details).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`/c/${conversation}$`));
  await expect(ui.composer(page)).toBeVisible();
  await page.goForward();
  await expect(details).toBeVisible();
  // Closed by its button, nothing is left to go back through.
  await details.getByRole("link", { name: "Close the details" }).tap();
  await expect(details).toHaveCount(0);
  await name.tap();
  await expect(details).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(details).toHaveCount(0);
  await page.goBack();
  await expect(ui.list(page)).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await stays();

  // Who came by an address with details has nowhere to go back to: they close.
  await anna.goes(`/c/${conversation}?details`);
  await anna.isLive();
  await details.getByRole("link", { name: "Close the details" }).tap();
  await expect(details).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`/c/${conversation}$`));
});
