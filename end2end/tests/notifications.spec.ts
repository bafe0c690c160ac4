import type { Page } from "@playwright/test";
import { composer, row } from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

// Browser notifications and sounds are counted by stand-ins. In a headless browser every page is visible and focused;
// `looksAway` makes a tab behave as one in the background.

const bell = (page: Page) => page.locator(".bell");
const toast = (page: Page) => page.locator(".toast");
const rows = (page: Page) => page.locator(".notification");

interface Told {
  shown: { title: string; tag: string; closed: boolean }[];
  sounds: number;
}

/** Replaces what tells the reader outside of the page, in all further pages of this browser. */
async function listens(person: Person): Promise<void> {
  await person.page.context().addInitScript(() => {
    const told = { shown: [] as { title: string; tag: string; closed: boolean; click?: () => void }[], sounds: 0 };
    class Stub {
      static permission = "granted";
      static requestPermission = async () => "granted";
      onclick: (() => void) | null = null;
      private entry: (typeof told.shown)[number];
      constructor(title: string, { tag = "" }: NotificationOptions = {}) {
        this.entry = { title, tag, closed: false, click: () => this.onclick?.() };
        told.shown.push(this.entry);
      }
      close() {
        this.entry.closed = true;
      }
    }
    Object.defineProperty(window, "Notification", { value: Stub, configurable: true });
    HTMLMediaElement.prototype.play = async () => void told.sounds++;
    Object.assign(window, { told });
    // The empty page of a new tab has no storage.
    if (window.origin !== "null") localStorage.setItem("rapport.device.notifications", "on");
  });
}

const told = (tab: Person): Promise<Told> =>
  tab.page.evaluate(() => {
    const { shown, sounds } = (window as unknown as { told: Told }).told;
    return { shown: shown.map(({ title, tag, closed }) => ({ title, tag, closed })), sounds };
  });

/** Over all tabs of a browser. */
async function all(tabs: Person[]): Promise<Told> {
  const each = await Promise.all(tabs.map(told));
  return { shown: each.flatMap((one) => one.shown), sounds: each.reduce((sum, one) => sum + one.sounds, 0) };
}

test("N1 a direct message and a mention are counted, listed, and lead to their place", async ({ people }) => {
  const anna = await people.join("anna");
  const ben = await people.join("ben");
  const group = await ben.api.conversation(["anna"], "Bikes");
  const direct = await ben.api.conversation(["anna"]);
  await expect(bell(anna.page)).toBeVisible();
  await expect(bell(anna.page).locator(".bell-count")).toHaveCount(0);
  await ben.api.send(group, "No mention");
  await ben.api.send(group, "See this, @anna.");
  await ben.api.send(direct, "Hello, Anna");
  await expect(bell(anna.page).locator(".bell-count")).toContainText("2");
  await expect(anna.page.locator("link[rel=icon]")).toHaveAttribute("href", "/favicon-unread.svg");
  await bell(anna.page).click();
  await expect(anna.page).toHaveURL(/\/notifications$/);
  await expect(rows(anna.page)).toHaveCount(2);
  await expect(rows(anna.page).first()).toContainText("ben");
  await expect(rows(anna.page).first()).toContainText("Hello, Anna");
  await expect(rows(anna.page).nth(1)).toContainText("mentioned you in");
  await expect(rows(anna.page).nth(1)).toContainText("Bikes");
  await rows(anna.page).nth(1).click();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${group}\\?at=2`));
  await expect(anna.message("See this, @anna.")).toBeVisible();
  await expect(anna.page.locator(".mention.own")).toHaveText("@anna");
  await expect(bell(anna.page).locator(".bell-count")).toContainText("1");
});

test("N1 all is marked as read on all devices at once", async ({ people }) => {
  const anna = await people.join("anna");
  const phone = await anna.device({ phone: true });
  const ben = await people.join("ben");
  const group = await ben.api.conversation(["anna"], "Bikes");
  for (const text of ["@anna one", "@anna two"]) await ben.api.send(group, text);
  for (const one of [anna, phone]) await expect(bell(one.page).locator(".bell-count")).toContainText("2");
  await bell(anna.page).click();
  await anna.page.getByRole("button", { name: "Mark all as read" }).click();
  for (const one of [anna, phone]) await expect(bell(one.page).locator(".bell-count")).toHaveCount(0, { timeout: 2_000 });
  await expect(rows(anna.page)).toHaveCount(2);
  await expect(anna.page.locator(".notification.is-unread")).toHaveCount(0);
  await expect(anna.page.getByRole("button", { name: "Mark all as read" })).toHaveCount(0);
});

test("N1 a toast leads to the new message, and there is none for the conversation in view", async ({ people }) => {
  const anna = await people.join("anna");
  const ben = await people.join("ben");
  const carla = await people.join("carla");
  const withBen = await anna.opens(ben);
  await ben.api.send(withBen, "Where are you?");
  await anna.sees("Where are you?");
  await expect(toast(anna.page)).toHaveCount(0);
  const withCarla = await carla.api.conversation(["anna"]);
  await carla.api.send(withCarla, "Over here");
  await expect(toast(anna.page)).toContainText("carla");
  await toast(anna.page).getByRole("link").click();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${withCarla}`));
  await expect(toast(anna.page)).toHaveCount(0);
  await anna.sees("Over here");
  // It is closed by hand, and does not take the focus of whoever types.
  await composer(anna.page).focus();
  await ben.api.send(withBen, "Hello?");
  await expect(toast(anna.page)).toContainText("ben");
  await expect(composer(anna.page)).toBeFocused();
  await toast(anna.page).getByRole("button", { name: "Close" }).click();
  await expect(toast(anna.page)).toHaveCount(0);
});

test("N1 P5 three tabs make one notification and one sound, and the next tab leads when the leader closes", async ({ people }) => {
  const anna = await people.join("anna");
  const ben = await people.join("ben");
  const conversation = await ben.api.conversation(["anna"]);
  await listens(anna);
  await anna.reloads();
  const tabs = [anna, await anna.tab(), await anna.tab()];
  for (const tab of tabs.slice(1)) await tab.goes("/");
  for (const tab of tabs) await tab.isLive();
  for (const tab of tabs) await tab.looksAway();
  await ben.api.send(conversation, "First");
  await expect.poll(async () => (await all(tabs)).shown.length).toBe(1);
  await expect.poll(async () => (await all(tabs)).sounds).toBe(1);
  expect((await all(tabs)).shown[0]).toEqual({ title: expect.stringContaining("ben"), tag: `rapport.${conversation}`, closed: false });

  // Read in another tab than the one that showed it.
  const leads = (await Promise.all(tabs.map(told))).findIndex((one) => one.shown.length > 0);
  const [leader] = tabs.splice(leads, 1) as [Person];
  const [reader] = tabs as [Person];
  await reader.looksBack();
  await row(reader.page, conversation).click();
  await reader.sees("First");
  await expect.poll(async () => (await told(leader)).shown[0]?.closed, { timeout: 1_000 }).toBe(true);

  // In view in a tab that does not lead.
  await ben.api.send(conversation, "In view");
  await reader.sees("In view");
  await reader.looksAway();
  await leader.page.close();
  await ben.api.send(conversation, "Second");
  await expect.poll(async () => (await all(tabs)).shown.filter((one) => !one.closed).length).toBe(1);
  expect((await all(tabs)).shown.length, "none for the message that was in view").toBe(1);
});

test("P5 a sign-out in one tab empties the others", async ({ people }) => {
  people.watch.expect(/401 \(Unauthorized\)/);
  const anna = await people.join("anna");
  const ben = await people.join("ben");
  const conversation = await ben.api.conversation(["anna"]);
  await ben.api.send(conversation, "Between us");
  const second = await anna.tab();
  await second.goes("/notifications");
  await second.isLive();
  await expect(rows(second.page)).toContainText("Between us");
  await anna.page.getByRole("button", { name: "Sign out" }).click();
  await anna.page.waitForURL(/\/sign-in/);
  await second.page.waitForURL(/\/sign-in/);
  await expect(second.page.getByText("Between us")).toHaveCount(0);
});

test("N1 the settings of this device switch notifications and sound, and test the sound", async ({ people }) => {
  const anna = await people.join("anna");
  await listens(anna);
  await anna.goes("/settings");
  const part = anna.page.locator("#device");
  const shows = part.getByRole("switch", { name: "Show notifications on this device" });
  const sound = part.getByRole("switch", { name: "Play a sound on this device" });
  await expect(shows).toBeChecked();
  await expect(part.getByRole("status")).toContainText("while Rapport is open");
  await shows.uncheck();
  await expect(part.getByRole("status")).toContainText("not shown");
  await expect(sound).toBeChecked();
  await part.getByRole("button", { name: "Play test sound" }).click();
  expect((await told(anna)).sounds).toBe(1);
  await sound.uncheck();
  expect(await anna.page.evaluate(() => localStorage.getItem("rapport.device.sound"))).toBe("off");
});

test("N1 W2 without scripts the list has links and a form that marks all as read", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const ben = await people.bot("ben");
  const group = await ben.conversation(["anna"], "Bikes");
  await ben.send(group, "See this, @anna");
  await anna.goes("/");
  await bell(anna.page).click();
  await expect(rows(anna.page)).toHaveCount(1);
  await anna.page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(anna.page.locator(".notification.is-unread")).toHaveCount(0);
  await rows(anna.page).click();
  await expect(anna.message("See this, @anna")).toBeVisible();
});
