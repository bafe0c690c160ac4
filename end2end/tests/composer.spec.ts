import { composer, content, log, send } from "../support/page";
import { expect, test } from "../support/test";
import { until } from "../support/until";

const height = (page: import("@playwright/test").Page) => composer(page).evaluate((area) => area.getBoundingClientRect().height);

test("T8 Enter sends, Shift+Enter breaks the line, Escape leaves", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  const area = composer(anna.page);
  await area.click();
  await anna.page.keyboard.type("first");
  await area.press("Shift+Enter");
  await anna.page.keyboard.type("second");
  await expect(area).toHaveValue("first\nsecond");
  await area.press("Escape");
  await expect(area).not.toBeFocused();
  await expect(area, "leaving loses nothing").toHaveValue("first\nsecond");
  await area.press("Enter");
  await anna.seesExactly(["first\nsecond"]);
  await expect(area).toHaveValue("");
  await expect(area).toBeFocused();
  await area.press("Enter");
  await anna.page.keyboard.type("   ");
  await area.press("Enter");
  await anna.seesExactly(["first\nsecond"]);
});

test("T8 on a touch screen Enter breaks the line, and the button sends", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  const bob = await people.join("bob");
  await anna.opens(bob);
  const area = composer(anna.page);
  await area.tap();
  await anna.page.keyboard.type("one");
  await area.press("Enter");
  await anna.page.keyboard.type("two");
  await expect(area).toHaveValue("one\ntwo");
  await send(anna.page).tap();
  await anna.seesExactly(["one\ntwo"]);
});

test("T8 an Enter that ends a composition does not send: as Chrome, as Safari, and a real one", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  const area = composer(anna.page);
  await area.fill("こんにちは");
  await area.evaluate((area) => {
    const press = (more: KeyboardEventInit) =>
      area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more }));
    press({ isComposing: true });
    area.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "は" }));
    press({ keyCode: 229 });
  });
  await expect(area).toHaveValue("こんにちは");
  const devtools = await anna.page.context().newCDPSession(anna.page);
  await area.focus();
  await devtools.send("Input.imeSetComposition", { text: "ね", selectionStart: 1, selectionEnd: 1 });
  await expect(area).toHaveValue("こんにちはね");
  await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Process", code: "Enter", windowsVirtualKeyCode: 229 });
  await devtools.send("Input.insertText", { text: "ね" });
  await expect(area).toHaveValue("こんにちはね");
  await area.press("Enter");
  await anna.seesExactly(["こんにちはね"]);
});

test("T8 the box grows to 40 % of the height, and the messages move by exactly as much", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  for (let n = 1; n <= 40; n++) await bob.api.send(conversation, `line ${n}`);
  await anna.opens(conversation);
  const area = composer(anna.page);
  const place = async () => ({
    height: await height(anna.page),
    bottom: (await anna.message("line 40").boundingBox())!.y,
  });
  await area.fill("x");
  const before = await place();
  for (const lines of [2, 5, 60, 3, 1]) {
    await area.fill(Array.from({ length: lines }, (_, n) => `${n}`).join("\n"));
    const now = await place();
    expect(now.height - before.height, `${lines} lines`).toBeCloseTo(before.bottom - now.bottom, 0);
    if (lines === 60) expect(now.height).toBeCloseTo(0.4 * anna.page.viewportSize()!.height, 0);
    if (lines === 1) expect(now).toEqual(before);
  }
  // The same for a reader who is further up.
  await log(anna.page).hover();
  await anna.page.mouse.wheel(0, -200);
  await until(async () => (await anna.message("line 40").boundingBox())!.y > before.bottom + 100, "the scrolling");
  const above = await place();
  await area.fill("1\n2\n3\n4");
  const grown = await place();
  expect(grown.height - above.height).toBeCloseTo(above.bottom - grown.bottom, 0);
});

test("T8 W4 near the limit the counter agrees with the server; beyond it shows the excess, and nothing is cut", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  const area = composer(anna.page);
  const note = anna.page.locator("#composer-note");
  await area.fill("x".repeat(4_499));
  await expect(note).toBeEmpty();
  await area.fill(`  ${"👩".repeat(4_500)}\n`);
  await expect(note).toHaveText("4500 of 5000");
  const tooLong = `${"é\n".repeat(2_501)}y`;
  await area.fill(tooLong);
  await expect(note).toContainText("3 characters too many");
  await expect(send(anna.page)).toHaveAttribute("aria-disabled", "true");
  await expect(send(anna.page)).toHaveAccessibleDescription(/3 characters too many/);
  await area.press("Tab");
  await expect(send(anna.page), "still to be reached, and to be told why").toBeFocused();
  await anna.page.keyboard.press("Enter");
  await area.press("Enter");
  await expect(area).toHaveValue(tooLong);
  await expect(content(log(anna.page))).toHaveCount(0);

  const longest = "👩".repeat(5_000);
  await area.fill(longest);
  await expect(note).toHaveText("5000 of 5000");
  await area.press("Enter");
  await anna.seesExactly([longest]);
  await anna.knowsSent(longest);
});

test("T8 a huge text is kept and counted, never cut silently", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  const area = composer(anna.page);
  await area.focus();
  await anna.page.evaluate(() => document.execCommand("insertText", false, "lorem ipsum ".repeat(20_000)));
  await expect(anna.page.locator("#composer-note")).toContainText("234999 characters too many");
  expect((await area.inputValue()).length).toBe(240_000);
  await area.fill("short");
  await area.press("Enter");
  await anna.seesExactly(["short"]);
});

test("T7 T8 text typed while the page loads is kept, with its caret, and appended to the draft", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await anna.types("kept from before");
  let go!: () => void;
  const gate = new Promise<void>((open) => (go = open));
  await anna.page.route(/\.wasm(\?|$)/, async (route) => (await gate, await route.continue()));
  await anna.page.goto(`${people.url()}/c/${conversation}`, { waitUntil: "domcontentloaded" });
  const area = composer(anna.page);
  await expect(area, "the draft does not wait for the code").toHaveValue("kept from before");
  await area.focus();
  await area.press("End");
  await anna.page.keyboard.type(", and now");
  for (let n = 0; n < 3; n++) await area.press("ArrowLeft");
  const box = await height(anna.page);
  go();
  await anna.isLive();
  await expect(area).toHaveValue("kept from before, and now");
  expect(await area.evaluate((area: HTMLTextAreaElement) => area.selectionStart)).toBe("kept from before, and now".length - 3);
  await expect(area).toBeFocused();
  expect(await height(anna.page)).toBe(box);
  await anna.page.keyboard.type("right ");
  await expect(area).toHaveValue("kept from before, and right now");
});

test("T8 P6 the form works before the code is loaded, and sending clears its draft", async ({ people }) => {
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await anna.page.route(/\.wasm(\?|$)/, (route) => route.abort());
  people.watch.expect(/wasm|fetch/i);
  await anna.goes(`/c/${conversation}`);
  await composer(anna.page).fill("without its code");
  await anna.page.reload();
  await expect(composer(anna.page), "kept over a reload").toHaveValue("without its code");
  await send(anna.page).click();
  await anna.seesExactly(["without its code"]);
  await expect(composer(anna.page)).toHaveValue("");
  await anna.page.unroute(/\.wasm(\?|$)/);
  await anna.loads(conversation);
  await expect(composer(anna.page)).toHaveValue("");
  await anna.seesAllOf(conversation);
});

test("T7 P6 without JavaScript a refused text is in the form again, with the reason", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const bob = await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.goes(`/c/${conversation}`);
  const text = `</textarea><b>long</b> ${"x".repeat(5_000)}\nwith lines & signs`;
  await composer(anna.page).fill(text);
  await send(anna.page).click();
  await expect(anna.page.getByRole("alert")).toContainText("too long");
  await expect(composer(anna.page)).toHaveValue(text);
  await expect(anna.page.locator("#composer-note")).toContainText("too many");
  expect(anna.page.url()).not.toContain("long%");
  await anna.goes("/");
  await anna.goes(`/c/${conversation}`);
  await expect(composer(anna.page), "shown once").toHaveValue("");
  expect(await bob.history(conversation)).toEqual([]);
});

test.describe("W5 at the default limits", () => {
  test.use({ settings: { RAPPORT_LIMITS__SENDS_PER_SECOND: "1", RAPPORT_LIMITS__SEND_BURST: "1" } });

  test("T7 W5 P6 without JavaScript a text above the rate limit is kept, and sent once", async ({ people }) => {
    const anna = await people.join("anna", { javaScript: false });
    const bob = await people.bot("bob");
    const conversation = await anna.api.conversation(["bob"]);
    await anna.goes(`/c/${conversation}`);
    // Anna's other programs take all that she may say.
    let noisy = true;
    const noise = (async () => {
      while (noisy) await anna.api.post(`/api/conversations/${conversation}/messages`, { content: "noise" });
    })();
    const refused = anna.page.getByRole("alert");
    await until(async () => {
      await anna.says("too fast");
      return (await refused.count()) > 0;
    }, "a refusal", 30_000);
    noisy = false;
    await noise;
    await expect(composer(anna.page)).toHaveValue("too fast");
    await composer(anna.page).fill("in the end");
    await until(async () => {
      await send(anna.page).click();
      return (await refused.count()) === 0;
    }, "room in the rate limit", 30_000);
    await expect(composer(anna.page)).toHaveValue("");
    const said = (await bob.history(conversation)).map((message) => message.content);
    expect(said.filter((text) => text === "in the end")).toHaveLength(1);
  });
});

test("T7 P6 without JavaScript a text sent after the sign-in ended is kept for the same person's next sign-in", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  // Nobody has written yet: it is in the list of those who opened it.
  await bob.api.conversation(["anna"]);
  const expired = async (text: string) => {
    await anna.goes(`/c/${conversation}`);
    await composer(anna.page).fill(text);
    await anna.page.context().clearCookies();
    await send(anna.page).click();
    await expect(anna.page).toHaveURL(/\/sign-in/);
  };
  await expired("said by Anna");
  await anna.signsInAgain();
  await expect(anna.page).toHaveURL(new RegExp(`/c/${conversation}$`));
  await expect(composer(anna.page)).toHaveValue("said by Anna");
  await expired("for nobody else");
  await anna.signsInAgain("bob");
  await expect(anna.page).toHaveURL(new RegExp(`/c/${conversation}$`));
  await expect(composer(anna.page)).toHaveValue("");
  expect(await bob.api.history(conversation)).toEqual([]);
});

test("F1 an on-screen keyboard makes the frame smaller (simulated)", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  const bob = await people.join("bob");
  await anna.opens(bob);
  const bottom = async () => {
    const box = (await send(anna.page).boundingBox())!;
    return box.y + box.height;
  };
  const before = await bottom();
  // No browser here shows such a keyboard: it is told what Safari would tell.
  await anna.page.evaluate(() => {
    Object.defineProperty(visualViewport!, "height", { configurable: true, get: () => innerHeight - 300 });
    visualViewport!.dispatchEvent(new Event("resize"));
  });
  expect(await bottom()).toBeCloseTo(before - 300, 0);
  await anna.page.evaluate(() => {
    Object.defineProperty(visualViewport!, "height", { configurable: true, get: () => innerHeight });
    visualViewport!.dispatchEvent(new Event("resize"));
  });
  expect(await bottom()).toBeCloseTo(before, 0);
});
