import { found } from "../support/axe";
import * as ui from "../support/page";
import type { Person } from "../support/people";
import { run, type Server } from "../support/server";
import { expect, test } from "../support/test";

const IMAGE = "https://img.example";

test.use({
  settings: {
    RAPPORT_SUBJECTS__LISTING__NAME: "Listing",
    RAPPORT_SUBJECTS__LISTING__ROLES: "buyer,seller",
    RAPPORT_SUBJECTS__LISTING__PER_SUBJECT: "many",
    RAPPORT_SUBJECTS__LISTING__IMAGE_ORIGINS: IMAGE,
  },
});

/** The product: asks the server by a service key. */
async function product(server: Server) {
  const added = await run(["key", "add", "--name", "shop", "--scope", "subjects"], { RAPPORT_DATA: server.data });
  const key = /rk_[\w-]{43}/.exec(added.said)?.[0];
  expect(key, added.said).toBeTruthy();
  const ask = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${server.url}/api/subjects/listing/42/conversation${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.ok, await answer.clone().text()).toBe(true);
    return answer.json();
  };
  return {
    /** Opens the conversation of a buyer and a seller, or updates its card. */
    async opens(buyer: string, seller: string, price: string): Promise<number> {
      const participants = [
        { username: buyer, role: "buyer" },
        { username: seller, role: "seller" },
      ];
      const fields = [{ name: "Price", value: price }];
      const card = { title: "A bicycle", url: "https://shop.example/42", image: `${IMAGE}/42.png`, fields };
      return (await ask("PUT", "", { ...card, participants })).id;
    },
    closes: (reason: string) => ask("POST", "/close", { reason }),
    reopens: () => ask("POST", "/reopen", {}),
  };
}

/** One pixel in place of the product's picture. */
async function hasPictures(person: Person): Promise<void> {
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await person.page.route(`${IMAGE}/**`, (route) =>
    route.fulfill({ contentType: "image/png", body: Buffer.from(pixel, "base64") }),
  );
}

const card = (person: Person) => person.page.locator(".subject");
const filter = (person: Person, name: string) =>
  person.page.getByRole("navigation", { name: "Filter" }).getByRole("link", { name, exact: true });

for (const phone of [false, true]) {
  test(`C4 a listing's conversation shows its card and roles, and closes and reopens live${phone ? " on a phone" : ""}`, async ({
    people,
    server,
  }) => {
    const [anna, ben] = [await people.join("anna", { phone }), await people.join("ben")];
    for (const person of [anna, ben]) await hasPictures(person);
    const shop = await product(server);
    const id = await shop.opens("anna", "ben", "40 €");
    // It stands in the list at once, with its title.
    await expect(ui.row(anna.page, id).locator(".name")).toContainText("Listing: A bicycle");
    await anna.opens(id);
    await ben.opens(id);
    await expect(card(anna)).toContainText("A bicycle");
    await expect(card(anna).getByRole("link", { name: "A bicycle" })).toHaveAttribute("href", "https://shop.example/42");
    await expect(card(anna)).toContainText("Listing · Open");
    await expect.poll(() => card(anna).locator("img").evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1);
    await card(anna).getByText("More about it").click();
    await expect(card(anna).getByText("40 €")).toBeVisible();
    for (const colorScheme of ["light", "dark"] as const) {
      await anna.page.emulateMedia({ colorScheme });
      expect.soft(await found(anna.page), colorScheme).toEqual([]);
    }
    const sideways = await anna.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(sideways, "nothing is wider than the screen").toBe(false);

    await shop.opens("anna", "ben", "30 €");
    await expect(card(anna)).toContainText("30 €");
    await ben.page.locator(".head h1 a").click();
    await expect(ben.page.locator(".details .member").filter({ hasText: "anna" })).toContainText("buyer");
    await expect(ben.page.locator(".details .leave")).toHaveCount(0);

    await shop.closes("Sold to somebody else");
    await expect(anna.page.locator(".closed-note")).toContainText("Sold to somebody else");
    await expect(ui.composer(anna.page)).toHaveCount(0);
    await expect(card(anna)).toContainText("Closed");
    await expect(ui.log(anna.page)).toContainText("The conversation was closed");
    await shop.reopens();
    await expect(ui.composer(anna.page)).toBeVisible();
    await ui.composer(anna.page).fill("Still here");
    await ui.send(anna.page).click();
    await expect(ui.log(ben.page)).toContainText("Still here");
  });
}

test("C4 the list is filtered by open and closed, and by the words of the subject", async ({ people, server }) => {
  const anna = await people.join("anna");
  await hasPictures(anna);
  await people.bot("ben");
  await people.bot("carla");
  const shop = await product(server);
  await anna.api.conversation(["ben", "carla"], "Climbing");
  const id = await shop.opens("anna", "ben", "40 €");
  await anna.goes("/");
  await anna.isLive();
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(2);
  await filter(anna, "Open").click();
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(1);
  await expect(ui.row(anna.page, id)).toBeVisible();
  await shop.closes("Sold");
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(0);
  await filter(anna, "Closed").click();
  await expect(ui.row(anna.page, id)).toBeVisible();
  await filter(anna, "All").click();
  await anna.page.getByRole("searchbox", { name: "Filter by name" }).fill("listing");
  await expect(ui.list(anna.page).locator(".item")).toHaveCount(1);
});

test("C4 without JavaScript the card is there, and a closed conversation says why", async ({ people, server }) => {
  const anna = await people.join("anna", { javaScript: false });
  await hasPictures(anna);
  await people.bot("ben");
  const shop = await product(server);
  const id = await shop.opens("anna", "ben", "40 €");
  await anna.goes("/");
  await ui.row(anna.page, id).click();
  await expect(card(anna)).toContainText("A bicycle");
  await expect(ui.composer(anna.page)).toBeVisible();
  await shop.closes("Sold");
  await anna.page.reload();
  await expect(anna.page.locator(".closed-note")).toContainText("Sold");
  await expect(ui.composer(anna.page)).toHaveCount(0);
});
