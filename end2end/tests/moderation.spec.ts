import { found } from "../support/axe";
import * as ui from "../support/page";
import type { Person } from "../support/people";
import { run, type Server } from "../support/server";
import { expect, test } from "../support/test";

test.use({
  settings: {
    RAPPORT_SUBJECTS__LISTING__NAME: "Listing",
    RAPPORT_SUBJECTS__LISTING__ROLES: "buyer,seller",
    RAPPORT_SUBJECTS__LISTING__PER_SUBJECT: "many",
    RAPPORT_SUBJECTS__LISTING__MODERATORS: "mia",
  },
});

/** The product: opens the conversation of a buyer and a seller about a subject. */
async function opens(server: Server, subject: string, title: string, buyer: string, seller: string): Promise<number> {
  const name = `shop-${subject}`;
  const added = await run(["key", "add", "--name", name, "--scope", "subjects"], { RAPPORT_DATA: server.data });
  const key = /rk_[\w-]{43}/.exec(added.said)?.[0];
  expect(key, added.said).toBeTruthy();
  const answer = await fetch(`${server.url}/api/subjects/listing/${subject}/conversation`, {
    method: "PUT",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      title,
      url: `https://shop.example/${subject}`,
      fields: [
        { name: "Price", value: "40 €" },
        { name: "Place", value: "Lisbon" },
      ],
      participants: [
        { username: buyer, role: "buyer" },
        { username: seller, role: "seller" },
      ],
    }),
  });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()).id;
}

/** Nothing is wider than the screen, and axe finds nothing. */
async function looksRight(person: Person, what: string): Promise<void> {
  const size = person.page.viewportSize();
  const sideways = await person.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect.soft(sideways, `${what} is not wider than the screen`).toBe(false);
  expect.soft(await found(person.page), what).toEqual([]);
  if (size) await person.page.setViewportSize(size);
}

for (const how of [{}, { phone: true }, { javaScript: false }]) {
  const device = "phone" in how ? " on a phone" : "javaScript" in how ? " without JavaScript" : "";
  test(`C4 a moderator goes by clicks from the settings to a dispute, reads and closes it${device}`, async ({ people, server }) => {
    test.slow();
    const plain = "javaScript" in how;
    const mia = await people.join("mia", how);
    const [anna, ben] = [await people.join("anna", { first_name: "Anna" }), await people.join("ben", { first_name: "Ben" })];
    const other = await opens(server, "41", "A very comfortable armchair with a long name that needs two lines", "anna", "ben");
    const id = await opens(server, "42", "A bicycle", "anna", "ben");
    await anna.api.send(other, "Hello");
    for (let n = 1; n <= 60; n++) await anna.api.send(id, `Question ${n}`);
    await ben.api.send(id, "Please pay outside, to my cousin.\nThen I send it.");
    await anna.opens(id);
    await ben.opens(id);

    const page = mia.page;
    await mia.goes("/settings");
    await page.getByRole("link", { name: "Go to moderation" }).click();
    await expect(page.getByRole("heading", { name: "Moderation" })).toBeVisible();
    await expect(page.locator(".moderation-row")).toHaveCount(2);
    await expect(page.locator(".moderation-row").first()).toContainText("A bicycle");
    await expect(page.locator(".moderation-row").first()).toContainText("Anna (buyer)");
    if (!plain) await looksRight(mia, "the list");

    await page.getByLabel("Number of the subject").fill("42");
    await page.getByRole("button", { name: "Show" }).click();
    await expect(page.locator(".moderation-row")).toHaveCount(1);
    await page.getByRole("link", { name: "A bicycle" }).click();
    await expect(page.getByText("Question")).toHaveCount(0);
    if (!plain) await looksRight(mia, "the reason");
    await page.getByLabel("Reason").fill("Anna complained");
    await page.getByRole("button", { name: "Open conversation" }).click();

    await expect(page.getByRole("heading", { name: "A bicycle" })).toBeVisible();
    await expect(page.locator(".moderation-log")).toContainText("Please pay outside");
    await expect(page.locator(".member").filter({ hasText: "Ben" })).toContainText("seller");
    await expect(page.getByText("Question 1", { exact: true })).toHaveCount(0);
    if (!plain) await looksRight(mia, "the conversation");
    await page.getByRole("link", { name: "Older messages" }).click();
    await expect(page.getByText("Question 1", { exact: true })).toBeVisible();
    await page.getByRole("link", { name: "Newest messages" }).click();

    await page.getByLabel("Reason for closing").fill("Payments outside are not allowed");
    await page.getByRole("button", { name: "Close conversation" }).click();
    await expect(page.getByRole("button", { name: "Reopen conversation" })).toBeVisible();
    await expect(page.locator(".moderation-log")).toContainText("You closed the conversation as a moderator");
    for (const person of [anna, ben]) {
      await expect(person.page.locator(".closed-note")).toContainText("Payments outside are not allowed");
      await expect(ui.composer(person.page)).toHaveCount(0);
      // The name is isolated, so that its direction reorders nothing.
      await expect(ui.log(person.page)).toContainText(/The moderator .mia. closed the conversation/);
    }
    await page.getByRole("button", { name: "Reopen conversation" }).click();
    await expect(page.getByRole("button", { name: "Close conversation" })).toBeVisible();
    await expect(ui.composer(anna.page)).toBeVisible();
  });
}

test("C4 who moderates nothing finds no link and no page", async ({ people, server }) => {
  const anna = await people.join("anna");
  await people.bot("ben");
  const id = await opens(server, "42", "A bicycle", "anna", "ben");
  await anna.goes("/settings");
  await expect(anna.page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(anna.page.locator('a[href="/moderation"]')).toHaveCount(0);
  for (const path of ["/moderation", `/moderation/${id}`]) {
    const answer = await anna.page.request.get(server.url + path);
    expect(answer.status(), path).toBe(404);
  }
});
