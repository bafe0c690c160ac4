import * as ui from "../support/page";
import { expect, test } from "../support/test";

test("F2: Ctrl+K jumps by a few letters, with arrows, Enter and Esc; the focus goes back", async ({ people }) => {
  const anna = await people.join("anna");
  for (const name of ["bob", "carol", "caroline"]) {
    const bot = await people.bot(name);
    await bot.send(await bot.conversation(["anna"]), `I am ${name}`);
  }
  await anna.goes("/");
  await anna.isLive();
  await anna.listed("bob").click();
  await expect(ui.composer(anna.page)).toBeFocused();
  const jump = anna.page.getByRole("dialog", { name: "Jump to a conversation" });
  await anna.page.keyboard.press("Control+k");
  await expect(jump.getByRole("combobox")).toBeFocused();
  await expect(jump.getByRole("option")).toHaveCount(3);
  await anna.page.keyboard.press("Escape");
  await expect(jump).toBeHidden();
  await expect(ui.composer(anna.page), "the focus is back").toBeFocused();

  await anna.page.keyboard.press("Control+k");
  await anna.page.keyboard.type("CAROL");
  await expect(jump.getByRole("option")).toHaveText([/caroline/, /carol/]);
  await expect(jump.getByRole("option", { selected: true })).toHaveText(/caroline/);
  await anna.page.keyboard.press("ArrowDown");
  await expect(jump.getByRole("option", { selected: true })).toHaveText(/carol$/);
  await anna.page.keyboard.press("Enter");
  await expect(jump).toBeHidden();
  await anna.sees("I am carol");
  await expect(ui.composer(anna.page)).toBeFocused();

  await anna.page.keyboard.press("Control+k");
  await anna.page.keyboard.type("nobody");
  await expect(jump).toContainText("No conversation and nobody has that name.");
});

test("F2: Alt with arrows moves through the conversations", async ({ people }) => {
  const anna = await people.join("anna");
  for (const name of ["dave", "carol", "bob"]) {
    const bot = await people.bot(name);
    await bot.send(await bot.conversation(["anna"]), `I am ${name}`);
  }
  await anna.goes("/");
  await anna.isLive();
  for (const [key, name] of [["Down", "bob"], ["Down", "carol"], ["Down", "dave"], ["Down", "dave"], ["Up", "carol"]]) {
    await anna.page.keyboard.press(`Alt+Arrow${key}`);
    await anna.sees(`I am ${name}`);
    await expect(anna.page).toHaveTitle(new RegExp(`${name} · Rapport`));
    await expect(ui.composer(anna.page)).toBeFocused();
  }
});

test("F2: ? shows the keys, except in text fields; a button does, too", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.opens(conversation);
  const keys = anna.page.getByRole("dialog", { name: "Keyboard" });
  await ui.composer(anna.page).focus();
  await anna.page.keyboard.type("Really?");
  await expect(keys).toBeHidden();
  await expect(ui.composer(anna.page)).toHaveValue("Really?");
  await ui.log(anna.page).focus();
  await anna.page.keyboard.press("?");
  await expect(keys).toContainText("Ctrl + K");
  await anna.page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await expect(ui.log(anna.page), "the focus is back").toBeFocused();
  await anna.page.getByRole("button", { name: "Keyboard" }).click();
  await keys.getByRole("button", { name: "Close" }).click();
  await expect(keys).toBeHidden();
});

test("F2: Tab goes through list, messages and composer; a link skips the list", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "Hello");
  await anna.loads(conversation);
  await expect(ui.composer(anna.page)).toBeFocused();
  const focused = () =>
    anna.page.evaluate(() => {
      const active = document.activeElement;
      const known = [".skip", ".item", ".log", ".composer textarea", ".main"];
      return known.find((selector) => active?.matches(selector)) ?? "";
    });
  const passed = [await focused()];
  for (let times = 0; times < 30 && !passed.includes(".skip"); times++) {
    await anna.page.keyboard.press("Shift+Tab");
    passed.push(await focused());
    const seen = await anna.page.evaluate(() => {
      const style = getComputedStyle(document.activeElement as Element);
      return document.activeElement?.matches("textarea, input") || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
    });
    expect(seen, `the focus shows at Shift+Tab ${times + 1}`).toBe(true);
  }
  expect(passed.filter(Boolean).reverse()).toEqual([".skip", ".item", ".log", ".composer textarea"]);

  await anna.page.keyboard.press("Enter");
  await anna.page.keyboard.press("Tab");
  expect(await anna.page.evaluate(() => document.activeElement?.closest("main") !== null), "past the list").toBe(true);
});

test("F2: one polite live region for typing and connection, at most one change in three seconds", async ({ network, proxied: people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const carol = await people.join("carol");
  const group = await bob.api.conversation(["anna", "carol"], "Three");
  await anna.opens(group);
  await bob.opens(group);
  await carol.opens(group);
  // The log speaks of messages, and says what was done with one; typing and connection have this voice alone.
  await expect(anna.page.locator(":is(.typing, .badge, .head):is([aria-live], [role=status], :has([aria-live], [role=status]))")).toHaveCount(0);
  const voice = ui.spoken(anna.page);
  await expect(voice).toHaveCount(1);
  await voice.evaluate((voice) => {
    const said: [number, string][] = [];
    Object.assign(window, { said });
    new MutationObserver(() => said.push([performance.now(), voice.textContent ?? ""])).observe(voice, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  for (let times = 0; times < 3; times++) {
    await bob.types("hm");
    await anna.seesTyping(bob);
    await bob.says(`so ${times}`);
    await carol.types("hm");
    await anna.seesTyping(carol);
    await carol.says(`no ${times}`);
  }
  await bob.types("still");
  await expect(voice).toContainText("bob is typing…");
  network.sockets("refuse");
  await expect(voice).toContainText("Messages still arrive", { timeout: 30_000 });
  await network.heal();
  await expect(voice).toContainText("Connected", { timeout: 40_000 });
  const said = await anna.page.evaluate(() => (window as unknown as { said: [number, string][] }).said);
  const pauses = said.slice(1).map(([at], before) => at - said[before][0]);
  expect(said.length).toBeGreaterThan(2);
  expect(Math.min(...pauses), `milliseconds between ${JSON.stringify(said)}`).toBeGreaterThan(2_900);
});

test("V-keys Ctrl+K works on other layouts and with Caps Lock, and leaves composition alone", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  await anna.opens(await anna.api.conversation(["bob"]));
  const jump = anna.page.getByRole("dialog", { name: "Jump to a conversation" });
  const presses = (keys: KeyboardEventInit) =>
    ui.composer(anna.page).evaluate(
      (field, keys) => field.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...JSON.parse(keys) })),
      JSON.stringify(keys),
    );
  for (const keys of [
    { key: "K", code: "KeyK", ctrlKey: true },
    { key: "л", code: "KeyK", ctrlKey: true },
    { key: "ن", code: "KeyK", ctrlKey: true },
    // Dvorak: the letter is at another place.
    { key: "k", code: "KeyV", ctrlKey: true },
  ]) {
    await presses(keys);
    await expect(jump, JSON.stringify(keys)).toBeVisible();
    await anna.page.keyboard.press("Escape");
    await expect(jump).toBeHidden();
  }
  for (const keys of [
    { key: "t", code: "KeyK", ctrlKey: true },
    { key: "k", code: "KeyK", metaKey: true },
    { key: "k", code: "KeyK", ctrlKey: true, shiftKey: true },
    { key: "k", code: "KeyK", ctrlKey: true, isComposing: true },
    { key: "k", code: "KeyK", ctrlKey: true, keyCode: 229 },
  ]) {
    await presses(keys);
    await expect(jump, JSON.stringify(keys)).toBeHidden();
  }
});

test("V-keys on a Mac the command is Cmd+K, and Ctrl+K belongs to the text", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.page.addInitScript(() => Object.defineProperty(navigator, "platform", { get: () => "MacIntel" }));
  await people.bot("bob");
  await anna.loads(await anna.api.conversation(["bob"]));
  const jump = anna.page.getByRole("dialog", { name: "Jump to a conversation" });
  await ui.composer(anna.page).focus();
  await anna.page.keyboard.press("Control+k");
  await expect(jump).toBeHidden();
  await anna.page.keyboard.press("Meta+k");
  await expect(jump).toBeVisible();
  await anna.page.keyboard.press("Escape");
  await ui.log(anna.page).focus();
  await anna.page.keyboard.press("?");
  await expect(anna.page.getByRole("dialog", { name: "Keyboard" })).toContainText("⌘ + K");
});
