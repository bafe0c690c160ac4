import { composer } from "../support/page";
import { expect, test } from "../support/test";

test("T7 a draft survives a reload, each conversation has its own", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const carol = await people.join("carol");
  const withBob = await anna.opens(bob);
  await anna.types("half a sentence");
  await anna.reloads();
  await expect(composer(anna.page)).toHaveValue("half a sentence");
  await anna.opens(carol);
  await expect(composer(anna.page)).toHaveValue("");
  await anna.opens(withBob);
  await expect(composer(anna.page)).toHaveValue("half a sentence");
  await composer(anna.page).press("Enter");
  await anna.knowsSent("half a sentence");
  await anna.reloads();
  await expect(composer(anna.page)).toHaveValue("");
});

test("T7 what was not sent when the tab was closed goes out once, in order, with the next one", async ({ people, server }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  await anna.says("before");
  await bob.seesExactly(["before"]);
  await server.kill();
  const unsent = ["into the void 1", "into the void 2", "into the void 3"];
  for (const text of unsent) await anna.says(text);
  await anna.sees(...unsent);
  const next = await anna.tab();
  await anna.page.close();
  await server.start();

  await next.opens(conversation);
  await bob.seesExactly(["before", ...unsent], 20_000);
  await next.seesExactly(["before", ...unsent]);
  await next.reloads();
  await next.seesAllOf(conversation);
});

test("T10 deleting: for everyone leaves a mark, for oneself only one's own devices know", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  for (const text of ["stays", "goes for all", "goes for me"]) await anna.says(text);
  await bob.seesExactly(["stays", "goes for all", "goes for me"]);
  const phone = await anna.device({ phone: true });
  await phone.opens(conversation);

  await anna.deletes("goes for all", "everyone");
  for (const person of [anna, bob, phone]) {
    await person.seesNot("goes for all");
    await expect(person.page.getByRole("log").getByText("Message deleted")).toHaveCount(1);
  }
  await anna.deletes("goes for me", "me");
  for (const person of [anna, phone]) await person.seesExactly(["stays"]);
  await bob.seesExactly(["stays", "goes for me"]);
  await anna.reloads();
  await anna.seesExactly(["stays"]);
});
