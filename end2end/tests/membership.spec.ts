import type { Person } from "../support/people";
import * as ui from "../support/page";
import { expect, test } from "../support/test";

/** Within this time all devices of a person agree. */
const AGREES = { timeout: 2_000 };

/** Opens the menu of a row, and chooses from it; "Mute" is opened first for its choices. */
async function chooses(who: Person, conversation: number, choice: string): Promise<void> {
  const row = ui.row(who.page, conversation);
  await row.hover();
  await row.locator("xpath=..").getByRole("button", { name: /^Options for/ }).click();
  const menu = who.page.locator("#row-menu");
  await expect(menu).toBeVisible();
  if (/^(For|Until)/.test(choice)) await menu.getByText("Mute", { exact: true }).click();
  await menu.getByRole("button", { name: choice, exact: true }).click();
  await expect(menu).toBeHidden();
}

const order = (who: Person) => ui.list(who.page).locator(".item .name").allTextContents();

test("C5: pins, mutes, marks and the archive are the same on two devices within 2 s", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const talks: number[] = [];
  for (const title of ["One", "Two", "Three"]) {
    const id = await bob.conversation(["anna"], title);
    await bob.send(id, `hello ${title}`);
    talks.push(id);
  }
  const [one, two, three] = talks;
  const phone = await anna.device({ phone: true });
  await anna.goes("/");
  await anna.isLive();
  await phone.isLive();
  await expect(anna.page).toHaveTitle(/^\(3\)/);

  await chooses(anna, one, "Pin");
  await expect.poll(() => order(phone), AGREES).toEqual(["One", "Three", "Two"]);
  await chooses(anna, two, "Pin");
  await expect.poll(() => order(phone), AGREES).toEqual(["One", "Two", "Three"]);
  await chooses(anna, two, "Move up");
  await expect.poll(() => order(phone), AGREES).toEqual(["Two", "One", "Three"]);
  await expect.poll(() => order(anna), AGREES).toEqual(["Two", "One", "Three"]);
  await chooses(anna, two, "Move down");
  await expect.poll(() => order(phone), AGREES).toEqual(["One", "Two", "Three"]);

  // A muted one counts nowhere in the title, and keeps its own count.
  await chooses(anna, three, "Until I turn it on");
  await expect(ui.row(phone.page, three)).toHaveClass(/is-muted/, AGREES);
  await expect(ui.unread(ui.row(phone.page, three))).toContainText("1");
  await expect(phone.page).toHaveTitle(/^\(2\)/, AGREES);
  await chooses(anna, three, "Unmute");
  await expect(phone.page).toHaveTitle(/^\(3\)/, AGREES);

  // A mark counts 1, and opening removes it.
  await anna.opens(one);
  await expect(anna.page).toHaveTitle(/^\(2\)/);
  await chooses(anna, one, "Mark as unread");
  await expect(ui.unread(ui.row(phone.page, one))).toContainText("marked as unread", AGREES);
  await expect(phone.page).toHaveTitle(/^\(3\)/, AGREES);
  await phone.opens(one);
  await expect(ui.unread(ui.row(anna.page, one))).toHaveCount(0, AGREES);

  await chooses(anna, two, "Archive");
  await expect(ui.row(phone.page, two)).toHaveCount(0, AGREES);
  await expect(ui.row(anna.page, two)).toHaveCount(0, AGREES);
  await bob.send(two, "back again");
  await expect(ui.row(anna.page, two)).toContainText("back again", AGREES);
  await expect(ui.row(phone.page, two)).toContainText("back again", AGREES);

  // Muted ones stay in the archive.
  await chooses(anna, two, "For 8 hours");
  await chooses(anna, two, "Archive");
  await expect(ui.row(phone.page, two)).toHaveCount(0, AGREES);
  await bob.send(two, "unheard");
  await bob.send(three, "heard");
  await expect(ui.row(anna.page, three)).toContainText("heard");
  await expect(ui.row(anna.page, two)).toHaveCount(0);
});

test("C5: a draft comes to the other device, and goes with the message", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const talk = await bob.conversation(["anna"], "Draft room");
  await bob.send(talk, "hello");
  const phone = await anna.device({ phone: true });
  await anna.opens(talk);
  await phone.opens(talk);
  const here = ui.composer(anna.page);
  const there = ui.composer(phone.page);
  await expect(there).not.toBeFocused();

  await here.pressSequentially("half a thought");
  // A second after the last key, and two more.
  await expect(there).toHaveValue("half a thought", { timeout: 3_000 });
  await here.pressSequentially(", and the rest");
  await expect(there).toHaveValue("half a thought, and the rest", { timeout: 3_000 });
  await here.press("Enter");
  await expect(there).toHaveValue("", AGREES);
  await phone.sees("half a thought, and the rest");

  // What was typed on a device wins on that device.
  await there.fill("typed on the phone");
  await here.fill("typed at the desk");
  await here.blur();
  await expect(there).toHaveValue("typed on the phone");
  await expect
    .poll(async () => (await anna.api.get<{ draft?: string }>(`/api/conversations/${talk}`)).body.draft)
    .toMatch(/^typed/);
  await expect(here).toHaveValue("typed at the desk");

  // In the list of a device that comes later, and in its composer.
  const late = await anna.device();
  await late.isLive();
  await expect(ui.preview(ui.row(late.page, talk))).toContainText("Draft");
  await late.opens(talk);
  await expect(ui.composer(late.page)).toHaveValue(/^typed/);
  await ui.composer(late.page).press("Enter");
  await expect(ui.preview(ui.row(late.page, talk))).not.toContainText("Draft");
});

test("C5: after signing out nothing of a draft is in the browser", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const talk = await bob.conversation(["anna"], "Shared computer");
  await bob.send(talk, "hello");
  await anna.opens(talk);
  await ui.composer(anna.page).fill("a secret thought");
  await expect
    .poll(async () => (await anna.api.get<{ draft?: string }>(`/api/conversations/${talk}`)).body.draft)
    .toBe("a secret thought");
  await anna.page.getByRole("link", { name: "Settings" }).click();
  await anna.page.getByRole("button", { name: "Sign out", exact: true }).click();
  const confirm = anna.page.locator("#confirm-sign-out[open]");
  if (await confirm.isVisible()) await confirm.getByRole("button").last().click();
  await anna.page.waitForURL(/sign-in/);
  const kept = await anna.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(kept).not.toContain("secret");
  await anna.signsInAgain();
  await anna.opens(talk);
  await expect(ui.composer(anna.page)).toHaveValue("a secret thought");
});

test("C5: the menu of a row by keyboard and by a long press", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const talks = [await bob.conversation(["anna"], "First"), await bob.conversation(["anna"], "Second")];
  for (const talk of talks) await bob.send(talk, "hello");
  await anna.goes("/");
  await anna.isLive();
  const menu = anna.page.locator("#row-menu");
  const row = ui.row(anna.page, talks[0]);
  await row.focus();
  await anna.page.keyboard.press("Shift+F10");
  await expect(menu).toBeVisible();
  await expect(menu.locator("summary").first()).toBeFocused();
  await anna.page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await row.focus();
  await anna.page.keyboard.press("Tab");
  await expect(anna.page.getByRole("button", { name: "Options for First" })).toBeFocused();
  await anna.page.keyboard.press("Enter");
  await menu.getByRole("button", { name: "Pin" }).press("Enter");
  await expect(row).toContainText("Pinned");
  await expect(ui.list(anna.page).getByRole("link").first()).toContainText("First");
  await expect(row).toBeFocused();

  const phone = await anna.device({ phone: true });
  await phone.isLive();
  const place = await ui.row(phone.page, talks[1]).boundingBox();
  if (!place) throw new Error("no row");
  const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
  const session = await phone.page.context().newCDPSession(phone.page);
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
  await expect(phone.page.locator("#row-menu")).toBeVisible();
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await expect(phone.page.locator("#row-menu")).toBeVisible();
  await expect(phone.page).toHaveURL(/\/$/);
});

test("C5: without scripts, the details have the forms", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const bob = await people.bot("bob");
  const talk = await bob.conversation(["anna"], "Plain");
  await bob.send(talk, "hello");
  await anna.goes(`/c/${talk}?details`);
  const own = anna.page.getByRole("region", { name: "For you alone" });
  await own.getByText("Mute", { exact: true }).click();
  await own.getByRole("button", { name: "For 1 week" }).click();
  await expect(own).toContainText("Muted until");
  await own.getByRole("button", { name: "Pin", exact: true }).click();
  await own.getByRole("button", { name: "Mark as unread" }).click();
  await expect(own.getByRole("button", { name: "Remove the unread mark" })).toBeVisible();
  await expect(ui.row(anna.page, talk)).toContainText("Pinned");
  await own.getByRole("button", { name: "Archive" }).click();
  await expect(ui.row(anna.page, talk)).toHaveCount(0);
  await anna.page.getByRole("link", { name: "Archived" }).click();
  await expect(ui.row(anna.page, talk)).toHaveCount(1);
});

test("T7 C5 a draft that was typed on a silent line survives another conversation, and reaches the server afterwards", async ({ network, proxied: people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const carol = await people.join("carol");
  await anna.opens(carol);
  const withBob = await anna.opens(bob);
  const phone = await anna.device();
  await phone.goes("/");
  await phone.isLive();
  // Nothing arrives, which the page does not know of yet.
  network.pause();
  await ui.composer(anna.page).pressSequentially("half a thought");
  await anna.listed("carol").click();
  await expect(ui.composer(anna.page)).toHaveValue("");
  await anna.listed("bob").click();
  await expect(ui.composer(anna.page)).toHaveValue("half a thought");
  await network.heal();
  await expect(phone.listed("bob")).toContainText("half a thought", { timeout: 60_000 });
  await phone.opens(withBob);
  await expect(ui.composer(phone.page)).toHaveValue("half a thought");
});
