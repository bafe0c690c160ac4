import { PASSWORD } from "../support/api";
import { found } from "../support/axe";
import { composer, log } from "../support/page";
import { expect, test } from "../support/test";

// Each page in each of its states, in both themes and at both sizes.

test("F2: axe finds no violation on the pages before sign-in and on \"not found\"", async ({ people }) => {
  people.watch.expect(/404/);
  await people.bot("anna");
  const page = await people.window("somebody");
  for (const path of ["/sign-in", "/register", "/nothing-here"]) {
    await page.goto(people.url() + path);
    expect.soft(await found(page), path).toEqual([]);
  }
  for (const [path, button] of [["/sign-in", "Sign in"], ["/register", "Register"]]) {
    await page.goto(people.url() + path);
    await page.getByLabel("Username").fill("anna");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByText(/Wrong username or password|is taken/)).toBeVisible();
    expect.soft(await found(page), `${path}, refused`).toEqual([]);
  }
});

test("F2: axe finds no violation in the list, empty and full", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  await anna.goes("/");
  await anna.isLive();
  expect.soft(await found(anna.page), "empty").toEqual([]);
  for (const name of ["bob", "carol", "dave"]) {
    const bot = await people.bot(name);
    await bot.send(await bot.conversation(["anna"]), `A word from ${name}, long enough that it has to end in dots somewhere`);
  }
  await anna.seesUnread("dave", 1);
  expect.soft(await found(anna.page), "full").toEqual([]);
});

test("F2: axe finds no violation in the search for people and in a new group", async ({ people }) => {
  const anna = await people.join("anna");
  for (const name of ["robert", "roberta"]) await people.bot(name);
  for (const path of ["/new", "/new?q=rob", "/new?q=nobody", "/new?q=rob&participants=robert&participants=roberta"]) {
    await anna.goes(path);
    await anna.isLive();
    expect.soft(await found(anna.page), path).toEqual([]);
  }
});

test("F2: axe finds no violation in the settings, after errors and after saving", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.goes("/settings");
  await anna.isLive();
  expect.soft(await found(anna.page)).toEqual([]);
  for (const [current, answer] of [["not the password", /not right/], [PASSWORD, /changed/]] as const) {
    await anna.page.getByLabel("Current password").fill(current);
    await anna.page.getByLabel("New password").fill("another horse battery");
    await anna.page.getByRole("button", { name: "Change password" }).click();
    await expect(anna.page.getByText(answer).first()).toBeVisible();
    expect.soft(await found(anna.page), String(answer)).toEqual([]);
  }
});

test("F2: axe finds no violation in a conversation with all kinds of content", async ({ network, proxied: people }) => {
  test.setTimeout(180_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  const bob = await people.join("bob");
  const group = await anna.api.conversation(["bob", (await people.join("carol")).name], "Three of us");
  await anna.goes(`/c/${group}`);
  await anna.isLive();
  expect.soft(await found(anna.page), "nothing said yet").toEqual([]);

  for (let n = 1; n <= 60; n++) await anna.api.send(group, `Line ${n}`);
  await bob.opens(group);
  await expect(bob.page.locator(".divider")).toBeVisible();
  await anna.reloads(); // bob is told who came
  await bob.says("Mine");
  await bob.knowsSent("Mine");
  await bob.deletes("Line 59", "me");
  await bob.says("Said too much");
  await bob.knowsSent("Said too much");
  await bob.deletes("Said too much", "everyone");
  await expect(bob.page.locator(".gone")).toBeVisible();
  expect.soft(await found(bob.page), "a divider, a deleted one").toEqual([]);

  await bob.message("Mine").hover();
  await bob.message("Mine").getByRole("button", { name: "More" }).click();
  expect.soft(await found(bob.page), "a menu").toEqual([]);
  await bob.page.keyboard.press("Escape");

  await bob.says("This cannot be kept\u0000");
  await expect(log(bob.page).locator("[data-state=failed]")).toBeVisible();
  await network.cut();
  await bob.says("This waits");
  await expect(log(bob.page).locator("[data-state=pending]")).toBeVisible();
  await composer(bob.page).fill("Too long, ".repeat(500));
  expect.soft(await found(bob.page), "failed, pending, offline, too long").toEqual([]);

  await log(bob.page).evaluate((log) => (log.scrollTop = -log.scrollHeight));
  await expect(bob.page.getByRole("button", { name: /Jump to latest/ })).toBeVisible();
  expect.soft(await found(bob.page), "far up").toEqual([]);
});

test("F2: axe finds no violation on pages without client code", async ({ people }) => {
  people.watch.expectBrokenLink();
  const bob = await people.bot("bob");
  const anna = await people.join("anna");
  const conversation = await bob.conversation(["anna"]);
  for (let n = 1; n <= 60; n++) await bob.send(conversation, `Line ${n}`);
  // axe itself needs scripts; those of the page come to nothing without this.
  await anna.page.route("**/*.wasm", (route) => route.abort());
  for (const path of ["/", `/c/${conversation}`, `/c/${conversation}?before=20`, "/new?q=bob", "/settings"]) {
    await anna.goes(path);
    expect.soft(await found(anna.page), path).toEqual([]);
  }
});
