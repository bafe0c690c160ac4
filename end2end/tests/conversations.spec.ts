import { expect, test } from "../support/test";
import { composer, list, preview } from "../support/page";

test("C1 people are found by name, and the same two people always get the same conversation", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  const bob = await people.join("bob", { first_name: "Robert", last_name: "Lind" });

  await anna.goes("/new");
  await anna.isLive();
  await anna.page.getByRole("search").getByRole("searchbox").fill("robe");
  await anna.page.getByRole("search").getByRole("searchbox").press("Enter");
  // Enter selects the only result.
  await anna.page.waitForURL(/\/c\/\d+$/);
  const first = anna.page.url();
  await anna.says("Found you");

  await bob.goes("/");
  await bob.listed("Anna Ek").click();
  await bob.sees("Found you");
  expect(bob.page.url()).toBe(first);

  await bob.goes("/new?q=anna");
  await bob.page.getByRole("main").getByRole("button", { name: /Anna Ek/ }).click();
  await bob.page.waitForURL(/\/c\/\d+$/);
  expect(bob.page.url()).toBe(first);
});

for (const transport of ["socket", "poll"] as const) {
  test(`C1 the other person sees a direct conversation from its first message on, not before (${transport})`, async ({ network, proxied: people }) => {
    test.setTimeout(90_000);
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    await bob.goes("/");
    await bob.isLive();
    if (transport === "poll") {
      network.sockets("refuse");
      await bob.isAt("polling", 30_000);
    }
    const stays = await bob.staysOnThePage();

    await anna.goes("/new?q=bob");
    await anna.page.getByRole("main").getByRole("button", { name: /bob/ }).click();
    await anna.page.waitForURL(/\/c\/\d+$/);
    await expect(anna.listed("bob")).toBeVisible();
    await anna.types("Shall I?");
    // Something else that comes shows that nothing of it came before.
    const carol = await people.bot("carol");
    await carol.send(await carol.conversation(["bob"]), "Hello from Carol");
    await expect(bob.listed("carol")).toContainText("Hello from Carol");
    await expect(bob.listed("anna")).toHaveCount(0);

    await composer(anna.page).fill("");
    await anna.says("Good morning, Bob");
    await expect(bob.listed("anna")).toContainText("Good morning, Bob");
    await bob.seesUnread("anna", 1);
    await stays();
    await bob.listed("anna").click();
    await bob.sees("Good morning, Bob");
  });
}

test("C1 a person who opens an empty conversation of the other person gets it in the list", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.goes("/");
  await bob.isLive();
  await expect(bob.listed("anna")).toHaveCount(0);
  await bob.goes("/new?q=anna");
  await bob.page.getByRole("main").getByRole("button", { name: /anna/ }).click();
  await bob.page.waitForURL(new RegExp(`/c/${conversation}$`));
  await expect(bob.listed("anna")).toBeVisible();
});

test("C1 people are found while typing, without loading a page; Enter on the only result opens the conversation", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("robert");
  await people.bot("roberta");
  await anna.goes("/");
  await anna.isLive();
  await anna.page.getByRole("main").getByRole("link", { name: "Find people" }).click();
  const stays = await anna.staysOnThePage();
  const search = anna.page.getByRole("search").getByRole("searchbox");
  const found = anna.page.getByRole("list", { name: "People" }).getByRole("button");
  await expect(anna.page.getByRole("main")).toContainText("Type the first letters");
  await search.pressSequentially("rob");
  await expect(found).toHaveCount(2);
  await search.pressSequentially("erta");
  await expect(found).toHaveText([/roberta/]);
  await search.fill("rob nobody");
  await expect(anna.page.getByRole("main").getByText("Nobody found for “rob nobody”")).toBeVisible();
  await search.fill("robert");
  await expect(found).toHaveCount(2);
  await search.press("Enter");
  await stays();
  await expect(anna.page).toHaveURL(/\/new\?q=robert$/);

  await anna.reloads();
  await expect(search).toHaveValue("robert");
  await expect(found).toHaveCount(2);
  await search.fill("roberta");
  await search.press("Enter");
  await anna.page.waitForURL(/\/c\/\d+$/);
  await expect(anna.page.getByRole("heading", { name: "roberta" })).toBeVisible();
});

test("C3 people are added to a new group, one is removed, and it is created with a title", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  for (const name of ["bob", "carol", "dave"]) await people.bot(name);
  await anna.goes("/new");
  await anna.isLive();
  const page = anna.page;
  const chips = page.getByRole("list", { name: "Group" }).getByRole("link");
  for (const name of ["bob", "carol", "dave"]) {
    await page.getByRole("search").getByRole("searchbox").fill(name);
    await page.getByRole("link", { name: `Add to group: ${name}` }).click();
    await expect(chips.filter({ hasText: name })).toHaveCount(1);
  }
  await page.getByRole("link", { name: "Remove carol" }).click();
  await expect(chips).toHaveText([/bob/, /dave/]);
  await page.getByLabel("Title").fill("Summer house");
  await page.getByRole("button", { name: "Start group" }).click();
  await page.waitForURL(/\/c\/\d+$/);
  await expect(page.getByRole("heading", { name: "Summer house" })).toBeVisible();
  const id = page.url().split("/").at(-1);
  const made = await anna.api.get<{ members: { user: { username: string } }[] }>(`/api/conversations/${id}`);
  expect(made.body.members.map((member) => member.user.username).sort()).toEqual(["anna", "bob", "dave"]);
});

test("C2 the list: live order, preview, unread, new conversations", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const carol = await people.bot("carol");
  const dave = await people.bot("dave");
  const withBob = await bob.conversation(["anna"]);
  const withCarol = await carol.conversation(["anna"]);
  await bob.send(withBob, "first");
  await carol.send(withCarol, "second");
  await anna.goes("/");
  await anna.isLive();
  const links = list(anna.page).getByRole("link").filter({ hasText: /bob|carol|dave/ });
  await expect(links).toHaveText([/carol[^]*second/, /bob[^]*first/]);

  await bob.send(withBob, "third");
  await expect(links).toHaveText([/bob[^]*third/, /carol[^]*second/]);
  await anna.seesUnread("bob", 2);
  await anna.seesUnread("carol", 1);

  await dave.send(await dave.conversation(["anna"]), "who are you?");
  await expect(links).toHaveText([/dave/, /bob/, /carol/]);
  await expect(preview(anna.listed("dave"))).toContainText("who are you?");

  await anna.listed("carol").click();
  await anna.sees("second");
  await anna.seesUnread("carol", 0);
  await anna.says("and I answer");
  await expect(links).toHaveText([/carol[^]*and I answer/, /dave/, /bob/]);
});

test("C2 a person without conversations sees a hint", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.goes("/");
  await expect(anna.page.getByRole("link", { name: /new conversation|start/i }).first()).toBeVisible();
});

test("T9 the first page is part of the HTML, older ones load by scrolling, without a jump", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await bob.api.conversation(["anna"]);
  for (let n = 1; n <= 120; n++) await bob.api.send(conversation, `line ${n}`);
  await anna.loads(conversation);
  await anna.sees("line 120");
  await anna.seesNot("line 1");
  await anna.page.getByRole("log").hover();
  await expect(async () => {
    await anna.page.mouse.wheel(0, -3_000);
    await expect(anna.message("line 1")).toHaveCount(1, { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await anna.seesAllOf(conversation);
});

test("V-copy the link of a conversation is copied, and a browser that refuses is believed", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.opens(conversation);
  await anna.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copy = async () => {
    await anna.page.locator(".head").getByRole("button", { name: "More" }).click();
    await anna.page.getByRole("button", { name: "Copy link" }).click();
  };
  await copy();
  await expect(anna.page.getByText("Link copied.")).toBeVisible();
  expect(await anna.page.evaluate(() => navigator.clipboard.readText())).toBe(`${people.url()}/c/${conversation}`);
  await anna.page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await copy();
  await expect(anna.page.getByText("The browser did not let Rapport copy this.")).toBeVisible();
});

for (const javaScript of [true, false]) {
  test(`V19 a double click starts one group ${javaScript ? "with" : "without"} JavaScript`, async ({ people }) => {
    const anna = await people.join("anna", { javaScript });
    const bob = await people.join("bob");
    await people.join("carla");
    await anna.goes("/new?q=&participants=bob&participants=carla");
    if (javaScript) await anna.isLive();
    await anna.page.getByLabel("Title").fill("Climbing");
    await anna.page.getByRole("button", { name: "Start group" }).dblclick();
    await anna.page.waitForURL(/\/c\/\d+$/);
    const groups = await bob.api.get<{ conversations: { title: string }[] }>("/api/conversations");
    expect(groups.body.conversations.map((one) => one.title)).toEqual(["Climbing"]);
  });
}
