import * as ui from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

const filter = (who: Person, name: string) =>
  who.page.getByRole("navigation", { name: "Filter" }).getByRole("link", { name });
const names = (who: Person) => ui.list(who.page).locator(".item .name").allTextContents();

test("C2: the list is filtered by unread and archived, by a click and by pages", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const talks: number[] = [];
  for (let n = 1; n <= 70; n++) {
    const id = await bob.conversation(["anna"], `Room ${String(n).padStart(2, "0")}`);
    talks.push(id);
  }
  // The oldest 5 are unread, far behind the first page.
  for (const talk of talks.slice(0, 5)) await bob.send(talk, "unread");
  for (const talk of talks.slice(5)) await anna.api.post(`/api/conversations/${talk}/messages`, { content: "mine" });
  await anna.api.patch(`/api/conversations/${talks[69]}/me`, { archived: true });
  await anna.goes("/");
  await anna.isLive();
  await expect(anna.page).toHaveTitle(/^\(5\)/);
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(50);

  await filter(anna, "Unread").click();
  await expect(filter(anna, "Unread")).toHaveAttribute("aria-current", "true");
  await expect.poll(() => names(anna)).toEqual(["Room 05", "Room 04", "Room 03", "Room 02", "Room 01"]);
  await expect(anna.page).toHaveTitle(/^\(5\)/);
  // The one that is read stays while it is open, and new ones come in.
  await anna.opens(talks[2]);
  await expect(anna.page).toHaveTitle(/^\(4\)/);
  await expect(ui.row(anna.page, talks[2])).toHaveCount(1);
  await bob.send(talks[40], "news");
  await expect.poll(async () => (await names(anna))[0]).toBe("Room 41");
  await anna.opens(talks[40]);
  await expect(ui.row(anna.page, talks[2])).toHaveCount(0);

  await filter(anna, "Archived").click();
  await expect.poll(() => names(anna)).toEqual(["Room 70"]);
  await anna.opens(talks[69]);
  await anna.says("from the archive");
  await expect.poll(() => names(anna)).toEqual(["Room 70"]);
  await filter(anna, "All").click();
  await expect(ui.row(anna.page, talks[69])).toHaveCount(0);
  await expect(ui.row(anna.page, talks[40])).toHaveCount(1);
});

test("C2: the list is filtered by name, also for what is not loaded", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  for (let n = 1; n <= 60; n++) await bob.conversation(["anna"], n === 1 ? "Garden club" : `Room ${n}`);
  await anna.goes("/");
  await anna.isLive();
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(50);
  const field = anna.page.getByRole("searchbox", { name: "Filter by name" });
  await field.fill("gard");
  await expect.poll(() => names(anna)).toEqual(["Garden club"]);
  await field.fill("nothing like it");
  await expect(anna.page.locator(".list-empty")).toContainText("No conversation has this name");
  await field.press("Escape");
  await expect(field).toHaveValue("");
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(60);
});

test("C2: each part of the list says what to do while it is empty, with and without scripts", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  await bob.send(await bob.conversation(["anna"], "Only one"), "hello");
  await anna.goes("/");
  await anna.isLive();
  const empty = anna.page.locator(".list-empty");
  await filter(anna, "Archived").click();
  await expect(empty).toContainText("The archive is empty");
  await empty.getByRole("link", { name: "Show all conversations" }).click();
  await expect.poll(() => names(anna)).toEqual(["Only one"]);

  const plain = await anna.device({ javaScript: false });
  await filter(plain, "Archived").click();
  await expect(plain.page.locator(".list-empty")).toContainText("The archive is empty");
  await filter(plain, "Unread").click();
  await expect.poll(() => names(plain)).toEqual(["Only one"]);
  await expect(filter(plain, "Unread")).toHaveAttribute("aria-current", "true");
  await plain.page.locator(".item").click();
  await filter(plain, "Unread").click();
  await expect(plain.page, "the conversation stays").toHaveURL(/\/c\/\d+\?filter=unread$/);
});
