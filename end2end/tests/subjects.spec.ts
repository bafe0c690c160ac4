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
    RAPPORT_SUBJECTS__LISTING__CLOSED_BY: "seller",
    RAPPORT_SUBJECTS__JOB__NAME: "Job",
    RAPPORT_SUBJECTS__JOB__ROLES: "client,worker",
    RAPPORT_SUBJECTS__JOB__PER_SUBJECT: "one",
  },
});

/** The product: asks the server by a service key. */
async function product(server: Server) {
  const added = await run(["key", "add", "--name", "shop", "--scope", "subjects"], { RAPPORT_DATA: server.data });
  const key = /rk_[\w-]{43}/.exec(added.said)?.[0];
  expect(key, added.said).toBeTruthy();
  const ask = async (method: string, path: string, body: unknown, subject = "listing/42") => {
    const answer = await fetch(`${server.url}/api/subjects/${subject}/conversation${path}`, {
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
    /** Opens the conversation about a job. */
    async opensJob(client: string, worker: string): Promise<number> {
      const participants = [
        { username: client, role: "client" },
        { username: worker, role: "worker" },
      ];
      return (await ask("PUT", "", { title: "Paint the fence", participants }, "job/7")).id;
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

for (const phone of [false, true]) {
  test(`C4 a seller closes and reopens in the details, and the line names them${phone ? " on a phone" : ""}`, async ({
    people,
    server,
  }, info) => {
    test.setTimeout(120_000);
    const [anna, ben] = [await people.join("anna"), await people.join("ben", { phone })];
    for (const person of [anna, ben]) await hasPictures(person);
    const id = await (await product(server)).opens("anna", "ben", "40 €");
    await anna.opens(id);
    await ben.opens(id);
    for (const person of [anna, ben]) await person.page.locator(".head h1 a").click();
    await expect(anna.page.locator(".details .member")).toHaveCount(2);
    await expect(anna.page.locator(".closing"), "the buyer may not").toHaveCount(0);
    const details = ben.page.locator(".details");
    await details.getByText("Close the conversation").click();
    const reason = details.getByRole("textbox", { name: "Reason" });
    const close = details.getByRole("button", { name: "Close", exact: true });
    for (const refused of ["", "   "]) {
      await reason.fill(refused);
      await close.click();
      expect(await reason.evaluate((field: HTMLInputElement) => field.validity.valid)).toBe(false);
    }
    await expect(anna.page.locator(".closed-note")).toHaveCount(0);
    await reason.fill("Sold to somebody else");
    await ben.page.screenshot({ path: info.outputPath("close.png") });
    expect.soft(await found(ben.page)).toEqual([]);
    const sideways = await ben.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(sideways, "nothing is wider than the screen").toBe(false);
    await close.click();
    await expect(anna.page.locator(".closed-note")).toContainText("Sold to somebody else");
    await expect(ui.log(anna.page)).toContainText(/ben\u2069 closed the conversation/);
    await expect(ui.log(ben.page)).toContainText("You closed the conversation");
    await expect(ui.composer(anna.page)).toHaveCount(0);

    await details.getByText("Reopen the conversation").click();
    await ben.page.screenshot({ path: info.outputPath("reopen.png") });
    await details.getByRole("button", { name: "Reopen", exact: true }).click();
    await expect(ui.log(anna.page)).toContainText(/ben\u2069 reopened the conversation/);
    await expect(ui.composer(anna.page)).toBeVisible();
    await expect(details.getByText("Close the conversation")).toBeVisible();
  });

  test(`C4 the list is filtered by the kind of subjects${phone ? " on a phone" : ""}`, async ({ people, server }, info) => {
    const anna = await people.join("anna", { phone });
    await hasPictures(anna);
    await people.bot("ben");
    await people.bot("carla");
    const shop = await product(server);
    await anna.api.conversation(["ben", "carla"], "Climbing");
    await anna.goes("/");
    await anna.isLive();
    const kind = anna.page.getByRole("combobox", { name: "Kind of subject" });
    const items = ui.list(anna.page).locator(".item");
    await expect(items).toHaveCount(1);
    await expect(kind, "no kind occurs").toHaveCount(0);
    const [listing, job] = [await shop.opens("anna", "ben", "40 €"), await shop.opensJob("anna", "ben")];
    await expect(items).toHaveCount(3);
    await kind.selectOption("Listing");
    await expect(items).toHaveCount(1);
    await expect(ui.row(anna.page, listing)).toBeVisible();
    await anna.page.screenshot({ path: info.outputPath("kind.png") });
    expect.soft(await found(anna.page)).toEqual([]);
    // Within a state, and live.
    await filter(anna, "Closed").click();
    await expect(items).toHaveCount(0);
    await expect(kind).toHaveValue("listing");
    await shop.closes("Sold");
    await expect(ui.row(anna.page, listing)).toBeVisible();
    await kind.selectOption("Job");
    await expect(anna.page.locator(".list-empty")).toContainText("No conversation is closed");
    await anna.page.locator(".list-empty").getByRole("link", { name: "Show all conversations" }).click();
    await expect(items).toHaveCount(3);
    await expect(kind).toHaveValue("");
    await kind.selectOption("Job");
    await expect(items).toHaveCount(1);
    await expect(ui.row(anna.page, job)).toBeVisible();
  });
}

test("C4 without JavaScript a seller closes and reopens, and the list is filtered by kind", async ({ people, server }) => {
  const ben = await people.join("ben", { javaScript: false });
  await hasPictures(ben);
  await people.bot("anna");
  const shop = await product(server);
  const [id, job] = [await shop.opens("anna", "ben", "40 €"), await shop.opensJob("anna", "ben")];
  await ben.goes("/");
  const items = ui.list(ben.page).locator(".item");
  await expect(items).toHaveCount(2);
  await ben.page.getByRole("combobox", { name: "Kind of subject" }).selectOption("Job");
  await ben.page.locator(".filter-kind").getByRole("button", { name: "Filter" }).click();
  await expect(ben.page).toHaveURL(/\?filter=all&subject_kind=job$/);
  await expect(items).toHaveCount(1);
  await expect(ui.row(ben.page, job)).toBeVisible();
  await expect(ben.page.getByRole("combobox", { name: "Kind of subject" })).toHaveValue("job");
  await filter(ben, "Closed").click();
  await expect(ben.page, "the kind stays").toHaveURL(/\?filter=closed&subject_kind=job$/);

  await ben.goes(`/c/${id}?details`);
  await ben.page.locator(".closing summary").click();
  await ben.page.getByRole("textbox", { name: "Reason" }).fill("Sold");
  await ben.page.locator(".closing").getByRole("button", { name: "Close" }).click();
  await expect(ben.page.locator(".closed-note")).toContainText("Sold");
  await expect(ui.log(ben.page)).toContainText("You closed the conversation");
  await ben.page.locator(".closing summary").click();
  await ben.page.locator(".closing").getByRole("button", { name: "Reopen" }).click();
  await expect(ui.composer(ben.page)).toBeVisible();
});
