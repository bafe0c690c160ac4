import { composer } from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";
import { until } from "../support/until";

const kept = (person: Person, prefix: string) =>
  person.page.evaluate((prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix)), prefix);

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

test("T7 unsent messages of a closed tab are sent once, in order, by the next tab", async ({ people, server }) => {
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

test("T7 tabs share a draft: one tab continues the text of the other, and sending clears it in both", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const second = await anna.tab();
  await second.opens(conversation);
  await anna.types("a long and careful sentence");
  await expect(composer(second.page)).toHaveValue("a long and careful sentence");
  // From here on the second tab is in front.
  await anna.looksAway();
  await composer(second.page).press("End");
  await second.types("!");
  await expect(composer(anna.page)).toHaveValue("a long and careful sentence!");
  await composer(second.page).press("Enter");
  await second.knowsSent("a long and careful sentence!");
  await expect(composer(anna.page)).toHaveValue("");
  await anna.reloads();
  await expect(composer(anna.page)).toHaveValue("");
  await anna.seesExactly(["a long and careful sentence!"]);
});

test("T7 an open tab keeps its unsent messages; those of a closed tab are sent once, in order, by the next", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  // Pages come, sockets and requests do not.
  const context = anna.page.context();
  network.sockets("refuse");
  await context.route("**/rpc/**", (route) => route.abort());
  await anna.isAt("reconnecting", 20_000);
  for (const text of ["one", "two", "three"]) await anna.says(text);
  await until(async () => (await kept(anna, "rapport.outbox")).length === 1, "the outbox in the storage");

  const second = await anna.tab();
  await second.goes(`/c/${conversation}`);
  await expect(second.page.locator("html[data-hydrated]")).toBeAttached();
  await second.says("four");
  await until(async () => (await kept(second, "rapport.outbox")).length === 2, "an outbox of its own");
  await second.seesExactly(["four"]);
  await anna.seesExactly(["one", "two", "three"]);

  await anna.page.close();
  await second.page.reload();
  await second.seesExactly(["one", "two", "three", "four"]);
  await until(async () => (await kept(second, "rapport.outbox")).length === 1, "one outbox, taken over");
  await network.heal();
  await context.unroute("**/rpc/**");
  await second.isAt("connected", 40_000);
  await second.knowsSent("four");
  await second.seesAllOf(conversation);
  expect((await bob.api.history(conversation)).map((message) => message.content)).toEqual(["one", "two", "three", "four"]);
});

test("T7 the sign-in ends under an open page: typed text is kept and sent after signing in again", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const elsewhere = await anna.device();
  await elsewhere.signsOut(true);
  const notice = anna.page.getByRole("alert").filter({ hasText: "You are signed out" });
  await expect(notice).toBeVisible();
  await anna.isAt("failed");
  await expect(anna.page.getByRole("status").filter({ hasText: "Cannot connect" }).first()).toContainText("You are signed out");
  await anna.says("said to nobody");
  await anna.types("and half a");
  await notice.getByRole("link", { name: "Sign in again" }).click();
  await anna.signsInAgain();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${conversation}$`));
  await anna.isLive();
  await anna.knowsSent("said to nobody");
  await expect(composer(anna.page)).toHaveValue("and half a");
  await anna.seesExactly(["said to nobody"]);
  expect((await bob.api.history(conversation)).map((message) => message.content)).toEqual(["said to nobody"]);
});

test("T7 signed in again in another tab: the page continues by itself", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const stays = await anna.staysOnThePage();
  const elsewhere = await anna.device();
  await elsewhere.signsOut(true);
  await anna.isAt("failed");
  await anna.says("in between");
  const second = await anna.tab();
  await second.signsIn();
  await anna.looksBack();
  await anna.isAt("connected");
  await anna.knowsSent("in between");
  await stays();
  await anna.api.signIn("anna");
  await anna.seesAllOf(conversation);
});

for (const transport of ["socket", "poll"] as const) {
  test(`T7 somebody else signs in in another tab (${transport}): nothing is sent in their name`, async ({ network, proxied: people }) => {
    test.setTimeout(120_000);
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    await anna.says("as Anna");
    await anna.knowsSent("as Anna");
    if (transport === "poll") {
      network.sockets("refuse");
      await anna.isAt("polling", 30_000);
    }
    const second = await anna.tab();
    await second.goes("/sign-in");
    await second.signsInAgain("bob");
    await second.page.waitForURL(/\/$/);

    const notice = anna.page.getByRole("alert").filter({ hasText: "You are signed in as bob" });
    await expect(notice).toBeVisible({ timeout: 30_000 });
    await anna.isAt("failed");
    await anna.says("not as Bob");
    await anna.reloads().catch(() => {}); // as Bob now, in the same tab
    await expect(anna.page.locator("html[data-hydrated]")).toBeAttached();
    await anna.seesNot("not as Bob");
    expect((await bob.api.history(conversation)).map((message) => message.content)).toEqual(["as Anna"]);

    await network.heal();
    await anna.signsIn();
    await anna.opens(conversation);
    await anna.knowsSent("not as Bob");
    const history = await bob.api.history(conversation);
    expect(history.map((message) => [message.content, message.sender.username])).toEqual([
      ["as Anna", "anna"],
      ["not as Bob", "anna"],
    ]);
  });
}

test("T7 somebody else signs in while the connection is lost: detected on reconnect, before anything is sent", async ({ proxied: people, server }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await anna.page.context().setOffline(true);
  await anna.isAt("offline");
  await anna.says("waits for Anna");
  // Another tab of this browser signs in; the cookie is all that the two share.
  const cookies = await bob.page.context().cookies();
  await anna.page.context().clearCookies();
  await anna.page.context().addCookies(cookies);
  await anna.page.context().setOffline(false);
  const notice = anna.page.getByRole("alert").filter({ hasText: "You are signed in as bob" });
  await expect(notice).toBeVisible({ timeout: 20_000 });
  await expect(anna.message("waits for Anna")).toHaveAttribute("data-state", "pending");
  expect(await bob.api.history(conversation)).toEqual([]);
  await notice.getByRole("link", { name: "Go on as bob" }).click();
  await expect(anna.page.locator("html[data-hydrated]")).toBeAttached();
  await anna.isAt("connected");
  expect(await kept(anna, `rapport.outbox.${anna.id}.`), "Anna's are kept").toHaveLength(1);
  expect(await bob.api.history(conversation)).toEqual([]);
  expect(server.log).not.toContain("panicked");
});

test("T7 buttons of a page of another person do nothing in the name of the person who is signed in now", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const bob = await people.join("bob");
  await anna.goes("/settings");
  const stale = await anna.tab();
  await stale.goes("/");
  const elsewhere = await anna.tab();
  await elsewhere.goes("/sign-in");
  await elsewhere.signsInAgain("bob");
  await elsewhere.page.waitForURL(/\/$/);

  const refusal = (page: typeof anna.page) => page.getByRole("alert").filter({ hasText: "made for somebody else" });
  await anna.page.getByLabel("First name").fill("Anna");
  await anna.page.getByRole("button", { name: "Save" }).first().click();
  await expect(refusal(anna.page)).toBeVisible();
  await expect(anna.page.getByLabel("First name")).toHaveValue("");
  await stale.page.getByRole("button", { name: "Sign out" }).click();
  await expect(refusal(stale.page)).toBeVisible();
  await elsewhere.page.reload();
  await expect(elsewhere.page.getByRole("link", { name: /Settings/ })).toContainText("bob");
  await bob.goes("/");
  await bob.isLive();
});

test("T7 a full storage is reported, and nothing is lost in the open tab", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await anna.page.evaluate(() => {
    for (let size = 1 << 22; size > 0; size >>= 1) {
      try {
        for (;;) localStorage.setItem(`filler ${Object.keys(localStorage).length}`, "x".repeat(size));
      } catch {
        // Full for this size.
      }
    }
  });
  const notice = anna.page.getByRole("alert").filter({ hasText: "Your browser's storage is full" });
  await anna.types("no room for this");
  await expect(notice).toContainText("keep this tab open until it is sent");
  await anna.page.context().setOffline(true);
  await anna.isAt("offline");
  await composer(anna.page).press("Enter");
  await anna.sees("no room for this");
  await expect(notice).toBeVisible();
  await anna.page.context().setOffline(false);
  await anna.knowsSent("no room for this");
  await expect(notice).toHaveCount(0);
  await anna.seesAllOf(conversation);
});

test("T7 a browser without storage is reported, and still works", async ({ people }) => {
  const anna = await people.join("anna");
  await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("not here", "SecurityError");
      },
    });
  });
  await anna.loads(conversation);
  const notice = anna.page.getByRole("alert").filter({ hasText: "Your browser has no storage" });
  await expect(notice).toHaveCount(0);
  await anna.types("nowhere kept");
  await expect(notice).toBeVisible();
  await composer(anna.page).press("Enter");
  await anna.knowsSent("nowhere kept");
  await expect(notice).toHaveCount(0);
  await anna.seesAllOf(conversation);
});

test("T7 unreadable data in the storage is set aside and stops nothing", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await anna.page.evaluate((me) => {
    localStorage.setItem(`rapport.outbox.${me}.broken`, "{not json");
    localStorage.setItem(`rapport.outbox.${me}.older`, JSON.stringify([{ id: 1, text: "of an older shape" }]));
    localStorage.setItem(`rapport.outbox.${me}.empty`, "");
  }, anna.id);
  await anna.reloads();
  await until(async () => (await kept(anna, "aside.rapport.outbox.")).length === 3, "three put aside");
  expect(await kept(anna, "rapport.outbox.")).toEqual([]);
  await anna.says("all the same");
  await anna.knowsSent("all the same");
  await anna.seesAllOf(conversation);
});

test("T7 a refused message shows the reason, after a reload, too, and can be sent again or deleted", async ({ network, proxied: people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const area = composer(anna.page);
  await area.evaluate((area: HTMLTextAreaElement) => {
    area.value = "nul: \0";
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await area.press("Enter");
  const failed = anna.page.getByRole("log").locator('[data-state="failed"]');
  await expect(failed).toContainText("characters that cannot be kept");
  await anna.says("not held up");
  await anna.knowsSent("not held up");
  // Nothing can be sent again after the reload.
  const context = anna.page.context();
  network.sockets("refuse");
  await context.route("**/rpc/**", (route) => route.abort());
  await anna.page.reload();
  await expect(failed).toContainText("characters that cannot be kept");
  await context.unroute("**/rpc/**");
  await network.heal();
  await anna.isAt("connected", 40_000);
  await anna.says("nor now");
  await anna.knowsSent("nor now");
  await expect(failed, "it does not go out by itself").toContainText("characters that cannot be kept");
  await failed.getByRole("button", { name: "Try again" }).click();
  await expect(failed).toContainText("characters that cannot be kept");
  await failed.getByRole("button", { name: "Delete" }).click();
  await expect(failed).toHaveCount(0);
  await anna.reloads();
  await anna.seesExactly(["not held up", "nor now"]);
  await anna.seesAllOf(conversation);
});

test.describe("W5 at the default limits", () => {
  test.use({ settings: { RAPPORT_LIMITS__SENDS_PER_SECOND: undefined, RAPPORT_LIMITS__SEND_BURST: undefined } });

  test("T7 order is kept over retry_after and over changes of the transport", async ({ network, proxied: people }) => {
    test.setTimeout(120_000);
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    await bob.opens(anna);
    const said = Array.from({ length: 40 }, (_, n) => `number ${n + 1}`);
    for (const [n, text] of said.entries()) {
      if (n === 12) network.sockets("refuse");
      if (n === 28) await network.heal();
      await anna.says(text);
    }
    await bob.seesExactly(said, 60_000);
    await anna.seesExactly(said);
    await anna.knowsSent("number 40");
    await anna.seesAllOf(conversation);
  });
});

test("T10 deleting for everyone leaves a tombstone, deleting for oneself affects own devices only", async ({ people }) => {
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
