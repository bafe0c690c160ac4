import { found } from "../support/axe";
import { log } from "../support/page";
import { expect, test } from "../support/test";

test("T2 in a group a message is read when all members have read it; menu and ticks show by whom and when", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna" });
  const bob = await people.join("bob", { first_name: "Bob" });
  const carol = await people.join("carol", { first_name: "Carol" });
  const dave = await people.bot("dave");
  const conversation = await anna.api.conversation(["bob", "carol", "dave"], "Four");
  await anna.opens(conversation);
  await carol.goes("/");
  await carol.isLive();
  await anna.says("Do you hear me?");
  const row = anna.message("Do you hear me?");
  await bob.opens(conversation);
  await bob.sees("Do you hear me?");
  await expect.poll(() => delivered(anna.api, conversation)).toEqual(["bob", "carol"]);

  const stays = await anna.staysOnThePage();
  const dialog = anna.page.getByRole("dialog", { name: "Read by" });
  await row.hover();
  await row.getByRole("button", { name: "More" }).click();
  await anna.page.getByRole("button", { name: "Read by" }).click();
  const pile = (title: string) => dialog.locator("section").filter({ has: anna.page.getByRole("heading", { name: title, exact: true }) });
  await expect(pile("Read").getByRole("listitem")).toHaveText([/Bob.*Today, \d\d:\d\d.*Delivered: Today, \d\d:\d\d/]);
  await expect(pile("Delivered, not read yet").getByRole("listitem")).toHaveText([/Carol.*Today, \d\d:\d\d/]);
  await expect(pile("Not delivered yet").getByRole("listitem")).toHaveText([/dave/]);
  await expect(dialog).toContainText("Do you hear me?");
  expect.soft(await found(anna.page), "the dialog").toEqual([]);
  await anna.page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(row, "dave does not have it").toHaveAttribute("data-state", "sent");

  await carol.opens(conversation);
  await dave.post(`/api/conversations/${conversation}/read`, {});
  await expect(row).toHaveAttribute("data-state", "read");
  // By a click on the ticks; of anybody's message in a group.
  await row.locator(".ticks").click();
  await expect(pile("Read").getByRole("listitem")).toHaveCount(3);
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
  await stays();
});

/** The receipts of the newest message. */
async function delivered(api: import("../support/api").Api, conversation: number): Promise<string[]> {
  const last = (await api.history(conversation)).at(-1);
  type Receipts = { receipts: { user: { username: string }; delivered: boolean }[] };
  const { body } = await api.get<Receipts>(`/api/conversations/${conversation}/messages/${last?.id}/receipts`);
  return body.receipts.filter((receipt) => receipt.delivered).map((receipt) => receipt.user.username).sort();
}

test("T2 P6 the receipts of a message are a page in the reader's language and time zone, without JavaScript, too", async ({ people }) => {
  people.watch.expect(/404/);
  const anna = await people.join("anna", { javaScript: false });
  const bob = await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  const before = await anna.api.send(conversation, "مرحبا يا بوب");
  await bob.post(`/api/conversations/${conversation}/read`, {});
  await anna.api.patch("/api/me", { language: "ar", time_zone: "Asia/Kolkata" });
  await anna.goes(`/c/${conversation}`);
  const ticks = log(anna.page).locator("a.ticks");
  await ticks.click();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${conversation}/receipts/${before.seq}$`));
  const main = anna.page.getByRole("main");
  await expect(main.getByRole("heading", { name: "قُرئت" })).toBeVisible();
  const { body } = await anna.api.get<{ receipts: { read_at: string }[] }>(`/api/conversations/${conversation}/messages/${before.id}/receipts`);
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", hour: "2-digit", minute: "2-digit" });
  await expect(main.getByRole("listitem")).toContainText(clock.format(new Date(body.receipts[0].read_at)));
  await expect(main).toContainText("مرحبا يا بوب");
  await main.getByRole("link", { name: "العودة إلى الرسالة" }).filter({ visible: true }).click();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${conversation}\\?at=${before.seq}#m${before.seq}$`));
});

test("T2 Z2 the receipts of a message are hidden from people without access, and \"not found\" for unknown messages", async ({ people }) => {
  people.watch.expect(/404/);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const carol = await people.bot("carol");
  const theirs = await bob.conversation(["carol"]);
  const secret = await bob.send(theirs, "between us");
  const ours = await bob.conversation(["anna"]);
  const hidden = await bob.send(ours, "one");
  await anna.api.delete(`/api/conversations/${ours}/messages/${hidden.id}?for=me`);
  expect(carol.token).not.toBe("");
  for (const path of [`/c/${theirs}/receipts/${secret.seq}`, `/c/${ours}/receipts/${hidden.seq}`, `/c/${ours}/receipts/4711`, `/c/x/receipts/y`]) {
    const answer = await anna.page.goto(people.url() + path);
    expect(answer?.status(), path).toBe(404);
    await expect(anna.page.getByRole("main")).toContainText("That message is not here.");
    await expect(anna.page.getByRole("main")).not.toContainText("between us");
  }
  expect.soft(await found(anna.page), "not here").toEqual([]);
});

test("T2 without the network the receipts of a message show an error, and nothing else happens", async ({ network, proxied: people }) => {
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await anna.says("Good morning");
  await anna.knowsSent("Good morning");
  await network.cut();
  await anna.message("Good morning").locator(".ticks").click();
  await expect(anna.page.locator(".log-note")).toHaveText("That cannot be looked up now.");
  await expect(anna.page.getByRole("dialog")).toHaveCount(0);
  await network.heal();
  await anna.isAt("connected");
  await anna.message("Good morning").locator(".ticks").click();
  await expect(anna.page.getByRole("dialog")).toContainText("bob");
});
