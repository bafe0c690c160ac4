import * as ui from "../support/page";
import { expect, test } from "../support/test";

test("C2: the list keeps scroll and focus when its order changes", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversations: number[] = [];
  for (let n = 1; n <= 24; n++) {
    const id = await bob.conversation(["anna"], `Room ${String(n).padStart(2, "0")}`);
    await bob.send(id, `hello ${n}`);
    conversations.push(id);
  }
  await anna.goes("/");
  await anna.isLive();
  await expect(ui.list(anna.page).getByRole("listitem")).toHaveCount(24);
  const list = ui.list(anna.page);
  const row = anna.listed("Room 10");
  await row.scrollIntoViewIfNeeded();
  await row.focus();
  await list.evaluate((list) => (list.scrollTop = 500));
  const place = async () => (await row.boundingBox())?.y ?? Number.NaN;
  const before = await place();

  // From below the reader's place to the top: all rows between move down by one, the reader does not.
  await bob.send(conversations[0], "to the top");
  await expect(list.getByRole("link").first()).toContainText("Room 01");
  await expect.poll(async () => Math.abs((await place()) - before)).toBeLessThan(2);
  await expect(row).toBeFocused();

  // The row itself goes to the top: the focus goes with it, the rest stays where it is.
  await bob.send(conversations[9], "and this one");
  await expect(list.getByRole("link").first()).toContainText("Room 10");
  await expect(row).toBeFocused();
  expect(await list.evaluate((list) => list.scrollTop)).toBeGreaterThan(300);
  await anna.page.keyboard.press("Enter");
  await anna.sees("and this one");
});

test("C2: the age of the list, and Refresh, by socket and by poll", async ({ network, proxied: people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  await anna.goes("/");
  await anna.isLive();
  await expect(anna.page.getByText(/^Updated \d\d:\d\d$/)).toBeVisible();
  const refresh = anna.page.getByRole("link", { name: "Refresh" });
  const stays = await anna.staysOnThePage();
  const turns = async () => {
    await refresh.click();
    await expect(refresh).toHaveClass(/is-busy/);
    await expect(refresh).not.toHaveClass(/is-busy/);
  };
  await turns();
  network.sockets("refuse");
  await anna.isAt("polling", 30_000);
  await turns();
  await stays();

  const plain = await anna.device({ javaScript: false });
  await plain.page.getByRole("link", { name: "Refresh" }).click();
  await expect(plain.page.getByText(/^Updated \d\d:\d\d$/)).toBeVisible();
});

test("C2: long names are cut at their own end, in every script, and every row is as high as the others", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const titles = ["W".repeat(120), "ערב טוב evil", "ليلى ".repeat(20).trim(), "🎉".repeat(60), "a"];
  for (const title of titles) {
    const id = await bob.conversation(["anna"], title);
    await bob.send(id, `${title}\n${title}`);
  }
  await anna.goes("/");
  await anna.isLive();
  const rows = ui.list(anna.page).getByRole("listitem");
  await expect(rows).toHaveCount(titles.length);
  const heights = await rows.evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(1);
  const edges = await rows.evaluateAll((rows) =>
    rows.map((row) => {
      const [name, when] = [".name", ".when"].map((part) => row.querySelector(part)?.getBoundingClientRect());
      return name && when ? when.left - name.right : -1;
    }),
  );
  expect(Math.min(...edges), "no name runs into its time").toBeGreaterThanOrEqual(0);
});

test("P1: joining and leaving show a transient line that moves nothing", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await anna.says("Are you there?");
  await bob.page.goto("about:blank");
  const line = ui.typing(anna.page);
  const place = () => anna.message("Are you there?").boundingBox();
  await expect(line).toContainText("bob has gone", { timeout: 20_000 });
  const before = await place();
  await expect(line).not.toContainText("bob", { timeout: 15_000 });
  await bob.opens(conversation);
  await expect(line).toContainText("bob is here", { timeout: 5_000 });
  await expect(anna.page.locator(".head")).toContainText("Online");
  await expect(line).not.toContainText("bob", { timeout: 15_000 });
  expect(await place()).toEqual(before);
});

test("F1 T5 an empty list shows the next step until there is a conversation", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.goes("/");
  await anna.isLive();
  const hint = anna.page.locator(".list-empty");
  await expect(hint).toBeVisible();
  const bob = await people.bot("bob");
  await bob.send(await bob.conversation(["anna"]), "Hello");
  await expect(anna.page.locator(".item")).toHaveCount(1);
  await expect(hint).toBeHidden();
});

test("V23: the list loads on, a message brings a conversation up, and the jump finds one", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversations: number[] = [];
  for (let n = 1; n <= 130; n++) {
    conversations.push(await bob.conversation(["anna"], `Room ${String(n).padStart(3, "0")}`));
  }
  const list = ui.list(anna.page);
  const rows = list.getByRole("listitem");
  const more = list.getByRole("link", { name: "More conversations" });
  const fresh = async () => {
    await anna.goes("/");
    await anna.isLive();
    await expect(rows).toHaveCount(50);
  };

  await fresh();
  await expect(more).toBeAttached();
  await expect(async () => {
    await list.evaluate((list) => (list.scrollTop = list.scrollHeight));
    expect(await rows.count()).toBe(130);
  }).toPass();
  await expect(anna.listed("Room 001")).toHaveCount(1);
  await expect(more).toHaveCount(0);

  await fresh();
  await bob.send(conversations[9], "up with you");
  await expect(list.getByRole("link").first()).toContainText("Room 010");
  await expect(anna.page).toHaveTitle(/^\(1\)/);

  await fresh();
  await anna.page.getByRole("button", { name: "Jump to a conversation" }).click();
  await anna.page.getByRole("combobox").fill("room 002");
  await anna.page.getByRole("option", { name: "Room 002" }).click();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${conversations[1]}$`));

  const plain = await anna.device({ javaScript: false });
  await plain.goes("/");
  const plainRows = ui.list(plain.page).getByRole("listitem");
  await expect(plainRows).toHaveCount(50);
  await ui.list(plain.page).getByRole("link", { name: "More conversations" }).click();
  await expect(plainRows).toHaveCount(100);
  await ui.list(plain.page).getByRole("link", { name: "More conversations" }).click();
  await expect(plainRows).toHaveCount(130);
});
