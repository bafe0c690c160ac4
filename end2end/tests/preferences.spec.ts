import { found } from "../support/axe";
import type { Person } from "../support/people";
import * as ui from "../support/page";
import { expect, test } from "../support/test";

/** Changes the settings with this label in a section, and saves. */
async function sets(who: Person, section: string, changes: Record<string, boolean | string>): Promise<void> {
  await who.goes("/settings");
  const form = who.page.locator(`#${section} form`);
  for (const [label, value] of Object.entries(changes)) {
    if (typeof value === "string") await form.getByLabel(label, { exact: true }).fill(value);
    else await form.getByRole("checkbox", { name: label }).setChecked(value);
  }
  await form.getByRole("button", { name: "Save" }).click();
  await expect(who.page.locator(`#${section}`).getByRole("status")).toBeVisible();
}

const ticks = (who: Person, text: string) => who.message(text);

test("N2 who sends no read receipts is shown as delivered, and does not see what others read", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await bob.opens(anna);
  await bob.says("Before");
  await anna.opens(conversation);
  await anna.sees("Before");
  await expect(ticks(bob, "Before")).toHaveAttribute("data-state", "read");

  await sets(anna, "privacy", { "Send read receipts": false });
  await anna.opens(conversation);
  await bob.says("Hidden");
  await anna.sees("Hidden");
  await expect(ticks(bob, "Hidden")).toHaveAttribute("data-state", "delivered");
  // Bob reads at once, and Anna sees that it arrived.
  await anna.says("Mine");
  await bob.sees("Mine");
  await expect(ticks(anna, "Mine")).toHaveAttribute("data-state", "delivered");
  await anna.reloads();
  await expect(ticks(anna, "Mine")).toHaveAttribute("data-state", "delivered");
  await bob.reloads();
  await expect(ticks(bob, "Before"), "what was shown stays").toHaveAttribute("data-state", "read");
  await expect(ticks(bob, "Hidden")).toHaveAttribute("data-state", "delivered");

  // An open page shows it again, and the time in between stays hidden until the next reading.
  const phone = await anna.device();
  await phone.opens(conversation);
  await sets(anna, "privacy", { "Send read receipts": true });
  await expect(ticks(phone, "Mine")).toHaveAttribute("data-state", "read");
  await bob.reloads();
  await expect(ticks(bob, "Hidden")).toHaveAttribute("data-state", "delivered");
  await bob.says("Seen");
  await phone.sees("Seen");
  await expect(ticks(bob, "Seen")).toHaveAttribute("data-state", "read");
  await expect(ticks(bob, "Hidden")).toHaveAttribute("data-state", "read");
});

test("N2 who hides typing neither shows nor sees it, on all devices at once", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.api.send(conversation, "Hello");
  const phone = await anna.device();
  for (const who of [phone, bob]) {
    await who.opens(conversation);
    await who.isLive();
  }
  await ui.composer(bob.page).pressSequentially("I type");
  await expect(ui.typing(phone.page)).toContainText("typing");
  await sets(anna, "privacy", { "Show when I am typing": false });
  await expect(ui.typing(phone.page)).not.toContainText("typing");
  await ui.composer(phone.page).pressSequentially("So do I");
  await ui.composer(bob.page).pressSequentially(" and type");
  await ui.send(bob.page).click();
  await phone.sees("I type and type");
  await ui.send(phone.page).click();
  await bob.sees("So do I");
  await expect(ui.typing(bob.page)).not.toContainText("typing");

  await sets(anna, "privacy", { "Show when I am typing": true });
  await ui.composer(phone.page).pressSequentially("Now you see it");
  await expect(ui.typing(bob.page)).toContainText("typing");
});

test("N2 theme and time zone change in open pages at once, the language as soon as nothing is being typed", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"], "Club");
  await bob.send(conversation, "What time is it?");
  const phone = await anna.device({ phone: true });
  for (const who of [anna, phone]) {
    await who.opens(conversation);
    await who.isLive();
  }
  const time = () => anna.page.getByRole("log").locator("time").last().textContent();
  const here = await time();
  await phone.api.patch("/api/me/preferences", { theme: "dark", time_zone: "Pacific/Kiritimati" });
  for (const who of [anna, phone]) await expect(who.page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect.poll(time).not.toBe(here);

  await ui.composer(anna.page).fill("Unfinished");
  await phone.api.patch("/api/me/preferences", { language: "de" });
  await expect(phone.page.locator("html")).toHaveAttribute("lang", "de");
  await expect(anna.page.locator("html"), "while she types").toHaveAttribute("lang", "en");
  await ui.composer(anna.page).blur();
  await expect(anna.page.locator("html")).toHaveAttribute("lang", "de");
  await expect(anna.page.getByRole("textbox", { name: "Nachricht" }), "nothing is lost").toHaveValue("Unfinished");
});

for (const javaScript of [true, false]) {
  test(`N2 notifications and quiet hours are set in the settings ${javaScript ? "with" : "without"} JavaScript`, async ({ people }) => {
    const anna = await people.join("anna", { javaScript });
    type Kept = { notify_direct: boolean; notify_group: boolean; quiet_from?: number; quiet_to?: number };
    const kept = async () => (await anna.api.get<Kept>("/api/me/preferences")).body;
    if (!javaScript) {
      await anna.goes("/settings");
      const form = anna.page.locator("#notifications form");
      await form.getByLabel("From", { exact: true }).fill("22:00");
      await form.getByLabel("Until", { exact: true }).fill("07:30");
      await form.getByRole("button", { name: "Save" }).click();
      await expect(anna.page.locator("#notifications").getByRole("alert")).toContainText("need a time zone");
      await expect(form.getByLabel("From", { exact: true }), "as typed").toHaveValue("22:00");
      await anna.api.patch("/api/me/preferences", { time_zone: "Europe/Berlin" });
    }
    const changes = { "Direct messages": false, "All messages in groups": true, From: "22:00", Until: "07:30" };
    await sets(anna, "notifications", changes);
    expect(await kept()).toMatchObject({ notify_direct: false, notify_group: true, quiet_from: 1320, quiet_to: 450 });
    await expect(anna.page.locator("#notifications")).toContainText("in the time zone");
    // The checks themselves need scripts.
    if (javaScript) expect.soft(await found(anna.page)).toEqual([]);

    const form = anna.page.locator("#notifications form");
    await form.getByLabel("Until", { exact: true }).fill("");
    await form.getByRole("button", { name: "Save" }).click();
    await expect(form.getByLabel("Until", { exact: true })).toHaveAccessibleDescription(/a beginning and an end/);
    expect(await kept()).toMatchObject({ quiet_from: 1320, quiet_to: 450 });
    await sets(anna, "notifications", { From: "", Until: "" });
    expect((await kept()).quiet_from).toBeUndefined();
  });
}

test("N2 a conversation has notifications of its own", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"], "Club");
  await bob.send(conversation, "Hello");
  const phone = await anna.device();
  for (const who of [anna, phone]) {
    await who.goes(`/c/${conversation}?details`);
    await who.isLive();
  }
  const level = (who: Person) => who.page.locator(".details .own-notify summary");
  await expect(level(anna)).toContainText("As in the settings");
  await level(anna).click();
  await anna.page.locator(".details .own-notify").getByRole("button", { name: "Mentions only" }).click();
  for (const who of [anna, phone]) await expect(level(who)).toContainText("Mentions only");
  await anna.reloads();
  await expect(level(anna)).toContainText("Mentions only");
});
