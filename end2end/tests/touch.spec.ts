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
  test(`T8 F1 a long press on a message opens its menu, on a phone of ${width} px`, async ({ people }) => {
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

test("T8 on a desktop a long press selects text and opens no menu", async ({ people }) => {
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

test("F1 on a phone Back closes the details, then leaves the conversation", async ({ people }) => {
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

  // After opening an address with details there is no earlier page: the link closes them.
  await anna.goes(`/c/${conversation}?details`);
  await anna.isLive();
  await details.getByRole("link", { name: "Close the details" }).tap();
  await expect(details).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`/c/${conversation}$`));
});

/** Targets that are less than 44 pixels wide or high. */
const tooSmall = (page: Page) =>
  page.evaluate(() => {
    const small: string[] = [];
    const dialog = document.querySelector("dialog[open], :popover-open") ?? document;
    for (const element of dialog.querySelectorAll("a[href], button, select, textarea, label, input:not([type=hidden]), [role=option]")) {
      const { visibility, pointerEvents, clipPath } = getComputedStyle(element);
      const { width, height, left, right, top, bottom } = element.getBoundingClientRect();
      const isShown = width > 0 && height > 0 && visibility === "visible" && pointerEvents !== "none" && clipPath === "none";
      if (!isShown || right <= 0 || left >= innerWidth || bottom <= 0 || top >= innerHeight) continue;
      // A field in its label is pressed by the label; a label above its field is words; a link may stand in a sentence.
      const inLabel = element.matches("input") && element.closest("label:not(.field)");
      const inSentence = element.matches("p:not(.ways, .updated) > a:not(.button)");
      if (inLabel || inSentence || element.matches("label.field, .field label")) continue;
      if (width < 43.5 || height < 43.5) {
        small.push(`${element.tagName}.${element.className} "${(element.textContent ?? "").slice(0, 20)}": ${Math.round(width)} × ${Math.round(height)}`);
      }
    }
    return small;
  });

test("F1: all targets on a phone are at least 44 pixels wide and high", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna", { phone: true, first_name: "Anna", last_name: "Ek" });
  const bob = await people.bot("bob");
  await people.bot("roberta");
  const group = await bob.conversation(["anna", "roberta"], "Three of us");
  await bob.send(group, "Verse\n".repeat(40).trimEnd());
  for (let n = 1; n <= 30; n++) await bob.send(group, `Line ${n}`);
  await anna.api.send(group, "Mine");
  const { page } = anna;
  const expectRoom = async (where: string) => expect.soft(await tooSmall(page), where).toEqual([]);
  const signedOut = await people.window("nobody", { phone: true });
  for (const path of ["/sign-in", "/register"]) {
    await signedOut.goto(people.url() + path);
    expect.soft(await tooSmall(signedOut), path).toEqual([]);
  }
  for (const path of ["/", "/new?q=rob", "/new?q=rob&participants=bob&participants=roberta", "/settings", `/c/${group}?details`, "/c/999999"]) {
    if (path === "/c/999999") people.watch.expect(/404/);
    await anna.goes(path);
    await anna.isLive();
    await expectRoom(path);
  }
  await anna.goes("/settings");
  await page.locator(".sheet").evaluate((sheet) => sheet.scrollTo(0, sheet.scrollHeight));
  await expectRoom("the end of the settings");

  await anna.opens(group);
  await expectRoom("a conversation");
  await anna.says("This cannot be kept\u0000");
  await expect(ui.log(page).locator("[data-state=failed]")).toBeVisible();
  await expectRoom("a failed message");
  await page.getByRole("button", { name: "More" }).first().tap();
  await expect(page.locator(".drop")).toBeVisible();
  await expectRoom("the menu of the conversation");
  await page.keyboard.press("Escape");
  const mine = anna.message("Mine").locator(".content");
  await presses(page, mine, 700);
  await expect(page.locator("#message-menu")).toBeVisible();
  await expectRoom("the menu of a message");
  await page.getByRole("button", { name: "Read by" }).tap();
  await expect(page.locator(".receipts blockquote")).toBeVisible();
  await expectRoom("the receipts");
  await page.getByRole("dialog").getByRole("button").first().tap();
  await presses(page, mine, 700);
  await page.getByRole("button", { name: "Delete for everyone" }).tap();
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await expectRoom("the question");
  await page.getByRole("button", { name: "Cancel" }).tap();
  await presses(page, mine, 700);
  await page.getByRole("button", { name: "Delete for me" }).tap();
  await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
  await expectRoom("the way to undo");
  await page.locator(".unfold").scrollIntoViewIfNeeded();
  await expect(page.getByText("Show more")).toBeVisible();
  await expect(page.locator(".jump")).toBeVisible();
  await expectRoom("a long message, and the way to the end");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  await expectRoom("the dialog to jump by");
});
