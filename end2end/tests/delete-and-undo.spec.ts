import { expect, test } from "../support/test";

test("T8 deletion for me can be undone: by mouse, on all devices, unnoticed by others", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  for (const text of ["one", "two", "three"]) await anna.says(text);
  await anna.knowsSent("three");
  const other = await anna.device();
  await other.opens(conversation);
  const note = anna.page.locator(".log-note");
  await anna.deletes("two", "me");
  await anna.seesExactly(["one", "three"]);
  await other.seesExactly(["one", "three"]);
  await expect(note).toContainText("Message deleted for you");
  await expect(other.page.locator(".log-note"), "where it was not done").toBeEmpty();
  await note.getByRole("button", { name: "Undo" }).click();
  await expect(note).toBeEmpty();
  await anna.seesExactly(["one", "two", "three"]);
  await other.seesExactly(["one", "two", "three"]);
  await bob.seesExactly(["one", "two", "three"]);
  await anna.reloads();
  await anna.seesExactly(["one", "two", "three"]);
});

test("T8 F2 undo by keyboard: it takes the focus, and stays as long as it has the focus", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (const text of ["one", "two", "three"]) await bob.send(conversation, text);
  await anna.opens(conversation);
  await anna.page.getByRole("log").focus();
  for (const key of ["ArrowUp", "ArrowUp", "Enter"]) await anna.page.keyboard.press(key);
  await anna.page.getByRole("button", { name: "Delete for me" }).press("Enter");
  await anna.seesExactly(["one", "three"]);
  const undo = anna.page.getByRole("button", { name: "Undo" });
  await expect(undo).toBeFocused();
  await expect(anna.page.getByRole("status").filter({ hasText: "Message deleted for you" })).toHaveClass("log-note");
  // As if the time were over many times: it does not run.
  const state = () => undo.evaluate((undo) => undo.closest("p")?.getAnimations()[0]?.playState);
  await expect.poll(state).toBe("paused");
  await undo.press("Enter");
  await anna.seesExactly(["one", "two", "three"]);
  await expect(anna.page.getByRole("log"), "the focus is where one goes on").toBeFocused();

  // Without the focus it goes by itself, and what has the focus keeps it.
  await anna.deletes("two", "me");
  await expect(undo).toBeVisible();
  await anna.page.getByRole("textbox", { name: "Message" }).focus();
  await anna.page.mouse.move(600, 700);
  await undo.evaluate((undo) => undo.closest("p")?.getAnimations().forEach((one) => one.finish()));
  await expect(undo).toHaveCount(0);
  await expect(anna.page.getByRole("textbox", { name: "Message" })).toBeFocused();
  await anna.seesExactly(["one", "three"]);
});

test("T8 a message is reported as deleted only after the server confirmed it", async ({ network, proxied: people }) => {
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (const text of ["one", "two"]) await bob.send(conversation, text);
  await anna.opens(conversation);
  await network.cut();
  await expect(anna.page.locator("html")).not.toHaveAttribute("data-link", "connected");
  await anna.deletes("one", "me");
  await anna.seesExactly(["one", "two"]);
  await expect(anna.page.locator(".log-note")).toBeEmpty();
  await network.heal();
  await anna.seesExactly(["two"]);
  await anna.page.getByRole("button", { name: "Undo" }).click();
  await anna.seesExactly(["one", "two"]);
});
