import { found } from "../support/axe";
import { PASSWORD } from "../support/api";
import { list, rows } from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

/** Opens the details of the group on the screen. */
async function details(person: Person, group: number): Promise<void> {
  await person.opens(group);
  await person.page.locator(".head h1 a").click();
  await expect(person.page.locator(".details")).toBeVisible();
}

/** Makes a link in the details, and returns its address. */
async function link(person: Person, uses?: string): Promise<string> {
  const links = person.page.getByRole("region", { name: "Invitation links" });
  if (uses) await links.getByLabel("Limit").selectOption({ label: uses });
  await links.getByRole("button", { name: "Create link" }).click();
  const address = links.getByLabel("Invitation link");
  await expect(address).toHaveValue(/\/join\/[\w-]{22,}$/);
  return address.inputValue();
}

/** A person whom nobody may add to groups. */
async function shy(person: Person): Promise<void> {
  await person.goes("/settings");
  const section = person.page.locator("#groups");
  await section.getByRole("radio", { name: "Nobody" }).check();
  await section.getByRole("button", { name: "Save" }).click();
  await expect(section.getByRole("status")).toContainText("Saved");
  await person.goes("/");
  await person.isLive();
}

test("C3 an owner makes a link, and somebody who has no account joins by it", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  const group = await anna.api.conversation(["bob"], "Hiking");
  await details(anna, group);
  const address = await link(anna, "5 people");
  const links = anna.page.getByRole("region", { name: "Invitation links" });
  const code = links.getByRole("img", { name: "QR code" });
  await expect.poll(() => code.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(100);
  await anna.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await links.getByRole("button", { name: "Copy link" }).click();
  await expect(links.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await anna.page.evaluate(() => navigator.clipboard.readText())).toBe(address);
  await expect(links.locator(".link-item")).toContainText("for 5 more people");

  const page = await people.window("carla");
  await page.goto(address);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByRole("link", { name: "Register" }).click();
  await page.getByLabel("Username").fill("carla");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Register" }).click();
  await expect(page).toHaveURL(address);
  await expect(page.getByText("Hiking")).toBeVisible();
  await expect(page.getByText("2 members")).toBeVisible();
  await expect(page.getByText("Invitation by anna")).toBeVisible();
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page).toHaveURL(new RegExp(`/c/${group}$`));
  await expect(rows(anna.page).last()).toContainText("carla");
  await expect(anna.page.locator(".details .member").filter({ hasText: "carla" })).toHaveCount(1);

  await page.goto(address);
  await expect(page.getByRole("link", { name: "Open the group" })).toBeVisible();
});

test("C3 a revoked link lets nobody join, and members make none", async ({ people }) => {
  people.watch.expect(/404 \(Not Found\)/);
  const [anna, bob] = [await people.join("anna"), await people.join("bob")];
  const group = await anna.api.conversation(["bob"], "Hiking");
  await details(anna, group);
  const address = await link(anna);
  const item = anna.page.locator(".link-item");
  await item.getByRole("button", { name: "Revoke" }).click();
  await expect(item).toHaveCount(0);
  const carla = await people.join("carla");
  await carla.page.goto(address);
  await expect(carla.page.getByRole("alert")).toContainText("does not exist or has ended");
  await details(bob, group);
  await expect(bob.page.locator(".details .member").first()).toBeVisible();
  await expect(bob.page.getByRole("region", { name: "Invitation links" })).toHaveCount(0);
});

test("C3 who cannot be added is invited, accepts, and is in the group", async ({ people }) => {
  const [anna, bob] = [await people.join("anna"), await people.join("bob")];
  await shy(bob);
  const stays = await bob.staysOnThePage();
  await anna.goes("/new?q=bob&participants=bob");
  await anna.isLive();
  await anna.page.getByLabel("Title").fill("Hiking");
  await anna.page.getByRole("button", { name: /Start/ }).click();
  await expect(anna.page.getByRole("status").filter({ hasText: "Invited: bob" })).toBeVisible();

  const waiting = list(bob.page).getByRole("link", { name: "Invitations (1)" });
  await waiting.click();
  const invitation = bob.page.locator(".invitation");
  await expect(invitation).toContainText("Hiking");
  await expect(invitation).toContainText("Invitation by anna");
  await invitation.getByRole("button", { name: "Accept" }).click();
  await expect(bob.page).toHaveURL(/\/c\/\d+$/);
  await expect(waiting).toHaveCount(0);
  await bob.says("Here I am");
  await anna.sees("Here I am");
  await stays();
});

test("C3 an invitation comes, and goes on all devices when it is declined", async ({ people }) => {
  const [anna, bob] = [await people.join("anna"), await people.join("bob")];
  await shy(bob);
  const phone = await bob.device({ phone: true });
  await phone.isLive();
  await anna.api.conversation(["bob"], "Hiking");
  await anna.api.conversation(["bob"], "Sailing");
  for (const page of [bob.page, phone.page]) await expect(list(page).getByText("Invitations (2)")).toBeVisible();
  await list(phone.page).getByText("Invitations (2)").tap();
  await phone.page.locator(".invitation").filter({ hasText: "Sailing" }).getByRole("button", { name: "Decline" }).tap();
  await expect(phone.page.locator(".invitation")).toHaveCount(1);
  await expect(list(bob.page).getByText("Invitations (1)")).toBeVisible();
});

test("C3 invitations are answered and links are used without scripts", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob", { javaScript: false });
  await bob.api.patch("/api/me", { addable_by: "nobody" });
  const first = await anna.api.conversation(["bob"], "Hiking");
  await anna.api.conversation(["bob"], "Sailing");
  await bob.goes("/");
  await bob.page.getByRole("link", { name: "Invitations (2)" }).click();
  await bob.page.locator(".invitation").filter({ hasText: "Sailing" }).getByRole("button", { name: "Decline" }).click();
  await expect(bob.page.locator(".invitation")).toHaveCount(1);
  await bob.page.getByRole("button", { name: "Accept" }).click();
  await expect(bob.page).toHaveURL(new RegExp(`/c/${first}$`));

  const carla = await people.join("carla", { javaScript: false });
  const club = await carla.api.conversation(["anna"], "Club");
  await carla.goes(`/c/${club}?details`);
  await carla.page.getByRole("button", { name: "Create link" }).click();
  const address = await carla.page.getByLabel("Invitation link").inputValue();
  await bob.page.goto(address);
  await bob.page.getByRole("button", { name: "Join" }).click();
  await expect(bob.page).toHaveURL(new RegExp(`/c/${club}$`));
});

test("C3 the pages of invitations are accessible", async ({ people }, info) => {
  const [anna, bob] = [await people.join("anna"), await people.join("bob")];
  await bob.api.patch("/api/me", { addable_by: "nobody" });
  const group = await anna.api.conversation(["bob"], "Hiking");
  await details(anna, group);
  const address = await link(anna);
  const shot = async (person: Person, name: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [size, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } })) {
        await person.page.emulateMedia({ colorScheme });
        await person.page.setViewportSize(viewport);
        await person.page.screenshot({ path: info.outputPath(`${name}-${size}-${colorScheme}.png`) });
      }
    }
    expect(await found(person.page), name).toEqual([]);
  };
  await anna.page.locator(".qr").scrollIntoViewIfNeeded();
  await shot(anna, "details");
  await bob.goes("/invitations");
  await bob.isLive();
  await shot(bob, "invitations");
  await bob.goes("/");
  await bob.isLive();
  await shot(bob, "list");
  await bob.page.goto(address);
  await shot(bob, "join");
});
