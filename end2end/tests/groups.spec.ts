import { found } from "../support/axe";
import * as ui from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

/** Opens the details of the conversation on screen by a click on its name. */
async function opensDetails(person: Person): Promise<void> {
  await person.page.locator(".head h1 a").click();
  await expect(details(person)).toBeVisible();
}

const details = (person: Person) => person.page.locator(".details");
const member = (person: Person, name: string) => details(person).locator(".member").filter({ hasText: name });

/** Opens the actions for a member. */
async function acts(person: Person, name: string, action: string, confirm?: string): Promise<void> {
  await details(person).getByLabel(`Actions for ${name}`).click();
  if (!confirm) return member(person, name).getByRole("button", { name: action }).click();
  await member(person, name).getByText(action).click();
  await member(person, name).getByRole("button", { name: confirm, exact: true }).click();
}

/** The system lines of the log, without the marks of direction. */
async function lines(person: Person): Promise<string[]> {
  const texts = await person.page.locator(".message.system .content").allInnerTexts();
  return texts.map((text) => text.replace(/[\u2068\u2069]/g, ""));
}

test("C3 an owner names the group and gives it a picture; everybody sees it at once, in their language", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna" });
  const ben = await people.join("ben", { first_name: "Ben", locale: "de" });
  await people.bot("carla");
  const id = await anna.api.conversation(["ben", "carla"], "Three");
  await anna.opens(id);
  await ben.opens(id);
  const stays = await ben.staysOnThePage();
  await opensDetails(anna);
  await details(anna).getByText("Edit group").click();
  await details(anna).getByLabel("Name", { exact: true }).fill("Climbing");
  await details(anna).getByLabel("Picture (one emoji)").fill("🧗");
  await details(anna).getByLabel("Green").check();
  await details(anna).getByRole("button", { name: "Save" }).click();
  await expect(ben.page.locator(".head h1")).toHaveText("Climbing");
  await expect(ui.row(ben.page, id).locator(".avatar")).toHaveText("🧗");
  await expect(ben.page.locator(".head .avatar")).toHaveClass(/hue-3/);
  await expect.poll(() => lines(anna)).toEqual(["You named the group “Climbing”", "You changed the group’s picture"]);
  await expect.poll(() => lines(ben)).toEqual(["Anna hat die Gruppe „Climbing“ genannt", "Anna hat das Bild der Gruppe geändert"]);
  await expect(ui.preview(ui.row(anna.page, id))).toContainText("You changed the group’s picture");
  // A refused change stands beside its control, and what was typed stays.
  await details(anna).getByLabel("Picture (one emoji)").fill("no emoji");
  await details(anna).getByRole("button", { name: "Save" }).click();
  await expect(details(anna).getByRole("alert")).toHaveText("A picture is one emoji");
  await expect(details(anna).getByLabel("Picture (one emoji)")).toHaveValue("no emoji");
  await expect(ui.row(ben.page, id).locator(".avatar")).toHaveText("🧗");
  expect.soft(await found(anna.page), "the form").toEqual([]);
  await stays();
});

test("C3 people are added, become moderator and owner, are removed, and leave; all pages follow", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna" });
  const ben = await people.join("ben", { first_name: "Ben" });
  const carla = await people.join("carla", { first_name: "Carla", phone: true });
  const id = await anna.api.conversation(["ben"], "Two");
  await anna.opens(id);
  await ben.opens(id);
  await carla.isLive();
  await opensDetails(anna);
  await details(anna).getByText("Add people").click();
  await details(anna).getByLabel("Names").fill("carl");
  await details(anna).getByRole("button", { name: /Carla/ }).click();
  await expect(details(anna).getByRole("list", { name: "Add people" })).toContainText("Carla");
  await details(anna).getByRole("button", { name: "Add", exact: true }).click();
  await expect(member(anna, "Carla")).toBeVisible();
  await expect.poll(() => lines(ben)).toEqual(["Anna added Carla"]);
  // Without a reload: in the list of the person who was added, and live from then on.
  await carla.opens(id);
  await expect.poll(() => lines(carla)).toEqual(["Anna added you"]);
  await ben.says("Hello Carla");
  await carla.sees("Hello Carla");

  await acts(anna, "Carla", "Make moderator");
  await expect(member(anna, "Carla")).toContainText("Moderator");
  await expect.poll(() => lines(carla)).toContainEqual("Anna made you a moderator");
  // The only owner is told to hand over first.
  await details(anna).getByText("Leave group…").click();
  await details(anna).getByRole("button", { name: "Leave", exact: true }).click();
  await expect(details(anna).getByRole("alert")).toContainText("Make somebody else an owner first");
  await acts(anna, "Ben", "Make owner…", "Make owner");
  await expect(member(anna, "Ben")).toContainText("Owner");
  await expect.poll(() => lines(ben)).toContainEqual("Anna made you an owner");

  // Who is removed loses it at once, also on a phone.
  await opensDetails(ben);
  expect.soft(await found(ben.page), "the members").toEqual([]);
  await acts(ben, "Carla", "Remove from group…", "Remove");
  await expect(carla.page.getByText("Conversation not found")).toBeVisible();
  await expect(member(ben, "Carla")).toHaveCount(0);
  await expect(member(anna, "Carla")).toHaveCount(0);
  await details(anna).getByRole("button", { name: "Leave", exact: true }).click();
  await expect(ui.row(anna.page, id)).toHaveCount(0);
  await expect(anna.page).toHaveURL(/\/$/);
  await expect.poll(() => lines(ben)).toContainEqual("Anna left");
});

test("C3 a member without a role sees the members and may leave, and nothing else", async ({ people }) => {
  const anna = await people.bot("anna");
  const ben = await people.join("ben");
  await people.bot("carla");
  const id = await anna.conversation(["ben", "carla"], "Three");
  await ben.opens(id);
  await opensDetails(ben);
  await expect(details(ben).locator(".member")).toHaveCount(3);
  await expect(member(ben, "anna")).toContainText("Owner");
  for (const text of ["Edit group", "Add people"]) await expect(details(ben).getByText(text)).toHaveCount(0);
  await expect(details(ben).locator(".member-actions")).toHaveCount(0);
  // It becomes more while the page is open.
  const path = `/api/conversations/${id}/members/${ben.id}`;
  await anna.patch(path, { role: "moderator" });
  await expect(details(ben).getByText("Edit group")).toBeVisible();
  await expect(details(ben).getByLabel("Actions for carla")).toBeVisible();
  await expect(details(ben).getByLabel("Actions for anna")).toHaveCount(0);
  await details(ben).getByText("Edit group").click();
  await expect(details(ben).getByText("New members see")).toHaveCount(0);
});

test("C3 a newcomer sees the history from the joining on where the group says so", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna" });
  const carla = await people.join("carla", { first_name: "Carla" });
  await people.bot("ben");
  const id = await anna.api.conversation(["ben"], "Two");
  await anna.opens(id);
  await anna.says("Between the two of us");
  await opensDetails(anna);
  await details(anna).getByText("Edit group").click();
  await details(anna).getByLabel("Only later messages").check();
  await details(anna).getByRole("button", { name: "Save" }).click();
  await expect.poll(() => lines(anna)).toEqual(["You let new members see only later messages"]);
  await anna.api.post(`/api/conversations/${id}/members`, { usernames: ["carla"] });
  await carla.opens(id);
  await anna.says("Welcome");
  await carla.seesExactly(["Anna added you", "Welcome"].map((text) => text.replace("Anna", "\u2068Anna\u2069")));
  await carla.reloads();
  await carla.sees("Welcome");
  await carla.seesNot("Between the two of us");
});

test("C3 without JavaScript a group is renamed, grows, changes roles and is left", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", javaScript: false });
  const ben = await people.join("ben", { first_name: "Ben" });
  await people.bot("carla");
  const id = await anna.api.conversation(["ben"], "Two");
  await anna.opens(id);
  await ben.opens(id);
  await opensDetails(anna);
  await details(anna).getByText("Edit group").click();
  await details(anna).getByLabel("Name", { exact: true }).fill("Climbing");
  await details(anna).getByRole("button", { name: "Save" }).click();
  await expect(anna.page.locator(".head h1")).toHaveText("Climbing");
  await details(anna).getByText("Add people").click();
  await details(anna).getByLabel("Names").fill("@carla");
  await details(anna).getByRole("button", { name: "Add", exact: true }).click();
  await expect(member(anna, "carla")).toBeVisible();
  // Refused, with the reason on the page.
  await details(anna).getByText("Add people").click();
  await details(anna).getByLabel("Names").fill("nobody");
  await details(anna).getByRole("button", { name: "Add", exact: true }).click();
  await expect(details(anna).getByRole("alert")).toContainText("There is nobody named nobody");
  await acts(anna, "Ben", "Make owner…", "Make owner");
  await expect(member(anna, "Ben")).toContainText("Owner");
  await acts(anna, "carla", "Remove from group…", "Remove");
  await expect(member(anna, "carla")).toHaveCount(0);
  await details(anna).getByText("Leave group…").click();
  await details(anna).getByRole("button", { name: "Leave", exact: true }).click();
  await expect(anna.page).toHaveURL(/\/$/);
  await expect.poll(() => lines(ben)).toContainEqual("Anna left");
});
