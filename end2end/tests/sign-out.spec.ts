import { composer } from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

const stored = (person: Person) =>
  person.page.evaluate(() => Object.entries(localStorage).flat().concat(Object.entries(sessionStorage).flat()).join("\n"));

const signsOut = (person: Person) => person.page.getByRole("button", { name: "Sign out", exact: true }).first().click();

test("V12 a sign-out asks first where something is unsent, empties the browser, and the other tabs within a second", async ({ people }) => {
  // The other tabs learn it from the server, too.
  people.watch.expect(/401 \(Unauthorized\)/);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await bob.api.send(await anna.opens(bob), "a secret of Bob's");
  await anna.sees("a secret of Bob's");
  const reading = await anna.tab();
  await reading.opens(bob);
  await reading.sees("a secret of Bob's");
  const changing = await anna.tab();
  await changing.goes("/settings");
  await anna.types("half a sentence");

  const question = anna.page.getByRole("alertdialog", { name: "Sign out and delete unsent text?" });
  await signsOut(anna);
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();
  await expect(composer(anna.page)).toHaveValue("half a sentence");
  expect(await stored(anna)).toContain("half a sentence");

  await signsOut(anna);
  const answered = anna.page.waitForResponse((response) => response.url().endsWith("/sign-out"));
  await question.getByRole("button", { name: "Sign out" }).click();
  await answered;
  await expect(anna.page).toHaveURL(/\/sign-in$/);
  for (const tab of [reading, changing]) {
    await expect(tab.page).toHaveURL(/\/sign-in$/, { timeout: 1_000 });
    await expect(tab.page.locator("body")).not.toContainText("Bob");
  }
  for (const tab of [anna, reading, changing]) {
    expect(await stored(tab)).not.toContain("half a sentence");
    expect(await stored(tab)).not.toContain("rapport.draft");
  }
  await anna.page.goBack();
  await expect(anna.page).toHaveURL(/\/sign-in/);
  await expect(anna.page.locator("body")).not.toContainText("a secret of Bob's");
});

test("V12 a page that is being signed out asks the server nothing more", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "hello");
  await anna.opens(conversation);
  const connected = anna.page.waitForEvent("websocket");
  await anna.page.reload();
  const socket = await connected;
  await anna.isLive();
  const requests: string[] = [];
  // The answer comes after the end of the connection, and as long after it as a message of somebody else takes.
  await anna.page.route("**/sign-out", async (route) => {
    anna.page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    const response = await route.fetch({ maxRedirects: 0 });
    if (!socket.isClosed()) await socket.waitForEvent("close");
    await bob.send(conversation, "meanwhile");
    await route.fulfill({ response });
  });
  await signsOut(anna);
  await expect(anna.page).toHaveURL(/\/sign-in$/);
  expect(requests).not.toContain("/rpc/submit");
});

test("V12 a sign-out where everything is sent does not ask, on a phone", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  const bob = await people.join("bob");
  await anna.opens(bob);
  await anna.says("all of it");
  await anna.knowsSent("all of it");
  await anna.page.goBack();
  await signsOut(anna);
  await expect(anna.page).toHaveURL(/\/sign-in$/);
});

test("V12 T7 a sign-in that was ended elsewhere keeps what was typed", async ({ people }) => {
  people.watch.expect(/401 \(Unauthorized\)/);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await anna.types("half a sentence");
  const elsewhere = await anna.device();
  await elsewhere.goes("/settings");
  await elsewhere.page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(anna.page.getByRole("alert")).toContainText("signed out");
  await expect(composer(anna.page)).toHaveValue("half a sentence");
  await anna.page.getByRole("link", { name: "Sign in" }).click();
  await expect(anna.page).toHaveURL(/\/sign-in/);
  expect(await stored(anna)).toContain("half a sentence");
});
