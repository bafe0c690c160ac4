import type { Page } from "@playwright/test";
import { Api } from "../support/api";
import { found } from "../support/axe";
import { content, form, log, send, spoken } from "../support/page";
import type { Coming, People } from "../support/people";
import { expect, test } from "../support/test";

const field = (page: Page) => form(page).locator("textarea");
const offer = (page: Page) => page.locator(".offer");
const options = (page: Page) => offer(page).getByRole("option");
const selected = (page: Page) => offer(page).locator("[aria-selected=true]");
const caret = (page: Page) => field(page).evaluate((field: HTMLTextAreaElement) => [field.selectionStart, field.selectionEnd]);

/** An account with a name. */
async function account(people: People, username: string, first_name = "", last_name = ""): Promise<Api> {
  const api = new Api(people.url);
  await api.register(username, { first_name, last_name });
  await api.signIn(username);
  return api;
}

/** Anna, and a group in which three others fit "@an". */
async function inGroup(people: People, how: Coming = {}) {
  const anna = await people.join("anna", { first_name: "Anna", ...how });
  const zoe = await account(people, "zoe42", "Ana", "Zoé");
  await account(people, "andrea", "Andrea", "Berg");
  const karl = await account(people, "karl", "Karl", "Anders");
  await account(people, "ben.b");
  const group = await zoe.conversation(["anna", "andrea", "karl", "ben.b"], "Bikes");
  return { anna, zoe, karl, group, page: anna.page };
}

test("N1 F2 by keyboard: members are offered after an @, chosen by arrows, and taken by Enter or Tab", async ({ people }) => {
  test.setTimeout(90_000);
  const { anna, karl, group, page } = await inGroup(people);
  await anna.opens(group);
  await expect(field(page)).toHaveAttribute("aria-autocomplete", "list");
  await anna.types("Hello @");
  await expect(options(page), "everybody but the reader").toHaveCount(4);
  await anna.types("an");
  await expect(options(page), "by the username and by words of the displayed name").toHaveText([/Ana Zoé.*@zoe42/, /Andrea Berg.*@andrea/, /Karl Anders.*@karl/]);
  await expect(offer(page)).toHaveRole("listbox");
  await expect(offer(page)).toHaveAccessibleName("Members to mention");
  await expect(spoken(page)).toHaveText("3 members match.");
  await expect(field(page)).toHaveAttribute("aria-controls", (await offer(page).getAttribute("id"))!);
  for (const [key, name] of [
    ["", "@zoe42"],
    ["ArrowDown", "@andrea"],
    ["ArrowUp", "@zoe42"],
    ["ArrowUp", "@karl"],
    ["ArrowDown", "@zoe42"],
    ["ArrowDown", "@andrea"],
  ]) {
    if (key) await field(page).press(key);
    await expect(selected(page)).toContainText(name);
    await expect(field(page)).toHaveAttribute("aria-activedescendant", (await selected(page).getAttribute("id"))!);
  }
  await field(page).press("Enter");
  await expect(field(page)).toHaveValue("Hello @andrea ");
  await expect(offer(page)).toHaveCount(0);
  await expect(field(page)).not.toHaveAttribute("aria-activedescendant");
  await expect(field(page)).toBeFocused();
  await expect(content(log(page)), "nothing was sent").toHaveCount(0);
  await field(page).press("Control+z");
  await expect(field(page), "one step back").toHaveValue("Hello @an");
  await field(page).press("Control+Shift+z");
  await expect(field(page)).toHaveValue("Hello @andrea ");
  await expect(offer(page)).toHaveCount(0);

  // Who wrote last comes first, and a space that is there is not doubled.
  await karl.send(group, "I was here");
  await anna.sees("I was here");
  await field(page).fill("Hello  and goodbye");
  await field(page).evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(6, 6));
  await anna.types("@An");
  await expect(options(page).first()).toContainText("@karl");
  await field(page).press("Tab");
  await expect(field(page)).toHaveValue("Hello @karl and goodbye");
  expect(await caret(page)).toEqual([12, 12]);
  await expect(field(page)).toBeFocused();
  await field(page).press("Enter");
  await anna.seesExactly(["I was here", "Hello @karl and goodbye"]);
});

test("N1 F2 by click: the focus stays in the field, and the other person is notified", async ({ people }) => {
  const anna = await people.join("anna");
  const ben = await people.join("ben", { first_name: "Ben", last_name: "Berg" });
  const group = await anna.api.conversation(["ben"], "Bikes");
  await anna.opens(group);
  await anna.page.evaluate(() => {
    Object.assign(window, { blurs: 0 });
    document.querySelector(".composer textarea")?.addEventListener("blur", () => (window as unknown as { blurs: number }).blurs++);
  });
  await anna.types("Look, @ber");
  await options(anna.page).filter({ hasText: "@ben" }).click();
  await expect(field(anna.page)).toHaveValue("Look, @ben ");
  await expect(field(anna.page)).toBeFocused();
  await expect(offer(anna.page)).toHaveCount(0);
  expect(await anna.page.evaluate(() => (window as unknown as { blurs: number }).blurs)).toBe(0);
  await anna.types("a heron");
  await field(anna.page).press("Enter");
  await anna.seesExactly(["Look, @ben a heron"]);
  await expect(ben.page.locator(".bell .bell-count")).toContainText("1");
  await ben.page.locator(".bell").click();
  await expect(ben.page.locator(".notification")).toContainText("mentioned you in");
});

test("N1 F2 on a phone by tap: large enough, above the keyboard", async ({ people }) => {
  const { anna, group, page } = await inGroup(people, { phone: true });
  await anna.opens(group);
  await field(page).tap();
  // No browser here shows such a keyboard: it is told what Safari would tell.
  await page.evaluate(() => {
    Object.defineProperty(visualViewport!, "height", { configurable: true, get: () => innerHeight - 336 });
    visualViewport!.dispatchEvent(new Event("resize"));
  });
  await anna.types("@an");
  await expect(options(page)).toHaveCount(3);
  for (const option of await options(page).all()) expect((await option.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  const list = (await offer(page).boundingBox())!;
  const area = (await field(page).boundingBox())!;
  expect(list.y).toBeGreaterThanOrEqual(0);
  expect(list.y + list.height).toBeLessThanOrEqual(area.y);
  expect(area.y + area.height).toBeLessThanOrEqual(844 - 336);
  expect(list.x).toBeGreaterThanOrEqual(0);
  expect(list.x + list.width).toBeLessThanOrEqual(390);
  await options(page).nth(1).tap();
  await expect(field(page)).toHaveValue("@andrea ");
  await expect(field(page)).toBeFocused();
  await expect(offer(page)).toHaveCount(0);
  await send(page).tap();
  await anna.seesExactly(["@andrea"]);
});

test("N1 F2 Escape closes the list and leaves the text, and leaves the field the second time", async ({ people }) => {
  const { anna, group, page } = await inGroup(people);
  await anna.opens(group);
  await anna.types("@an");
  await expect(options(page)).toHaveCount(3);
  await field(page).press("Escape");
  await expect(offer(page)).toHaveCount(0);
  await expect(field(page)).toHaveValue("@an");
  await expect(field(page)).toBeFocused();
  await anna.types("d");
  await expect(field(page)).toHaveValue("@and");
  await expect(offer(page), "closed for this word").toHaveCount(0);
  await field(page).press("Escape");
  await expect(field(page)).not.toBeFocused();
  await field(page).focus();
  await anna.types(" @");
  await expect(options(page), "open for the next one").toHaveCount(4);
  // The caret leaves the word.
  await field(page).press("Home");
  await expect(offer(page)).toHaveCount(0);
  await field(page).press("End");
  await anna.types("ben");
  await expect(options(page)).toHaveText([/@ben\.b/]);
  await log(page).click();
  await expect(offer(page), "the field is left").toHaveCount(0);
});

test("N1 F2 Enter sends where nothing is offered: no member fits, a sentence ends, a direct conversation", async ({ people }) => {
  const { anna, group, page } = await inGroup(people);
  await anna.opens(group);
  const texts = ["@nobody", "Hello @andrea.", "zoe@andrea", "at 5 @ home"];
  for (const [n, text] of texts.entries()) {
    await anna.types(text);
    await expect(offer(page), text).toHaveCount(0);
    await field(page).press("Enter");
    await anna.seesExactly(texts.slice(0, n + 1));
    await expect(field(page)).toHaveValue("");
  }
  const direct = await anna.api.conversation(["karl"]);
  await anna.opens(direct);
  await expect(field(page)).not.toHaveAttribute("aria-autocomplete");
  await anna.types("@ka");
  await field(page).press("Enter");
  await anna.seesExactly(["@ka"]);
  await expect(offer(page)).toHaveCount(0);
});

test("N1 F2 a composition is undisturbed: its keys are the input method's", async ({ people }) => {
  const { anna, group, page } = await inGroup(people);
  await anna.opens(group);
  await anna.types("@");
  await expect(options(page)).toHaveCount(4);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Input.imeSetComposition", { text: "an", selectionStart: 2, selectionEnd: 2 });
  await expect(field(page)).toHaveValue("@an");
  for (const code of ["Enter", "Tab", "ArrowDown", "Escape"]) {
    await devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Process", code, windowsVirtualKeyCode: 229 });
  }
  // As Safari reports the Enter that ends a composition.
  await field(page).evaluate((field) =>
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true })),
  );
  await expect(field(page)).toHaveValue("@an");
  await devtools.send("Input.insertText", { text: "an" });
  await expect(field(page)).toHaveValue("@an");
  await expect(selected(page)).toContainText("@zoe42");
  await field(page).press("Enter");
  await expect(field(page)).toHaveValue("@zoe42 ");
  await expect(content(log(page))).toHaveCount(0);
});

test("N1 F2 axe finds nothing with the list open, and nothing moves when it opens", async ({ people }) => {
  test.setTimeout(120_000);
  const { anna, zoe, group, page } = await inGroup(people);
  for (let n = 1; n <= 30; n++) await zoe.send(group, `line ${n}`);
  await anna.opens(group);
  await anna.sees("line 30");
  await anna.types("Hello ");
  await page.evaluate(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    type LayoutShift = PerformanceEntry & { sources: { node: Node | null }[] };
    new PerformanceObserver((list) => {
      for (const { node } of list.getEntries().flatMap((entry) => (entry as LayoutShift).sources)) {
        const element = node instanceof Element ? node : node?.parentElement;
        // Elsewhere, times and the state of the connection change by themselves.
        if (element?.closest(".log, .composer, .typing")) shifts.push(element.outerHTML);
      }
    }).observe({ type: "layout-shift" });
  });
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll(".composer, .composer textarea, .send, .typing, .log, [data-client-id]")].map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return [x, y, width, height, element.scrollTop];
      }),
    );
  const before = await places();
  await anna.types("@");
  await expect(options(page)).toHaveCount(4);
  expect(await places()).toEqual(before);
  await anna.types("an");
  await expect(options(page)).toHaveCount(3);
  expect(await places()).toEqual(before);
  expect(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts)).toEqual([]);
  expect(await found(page)).toEqual([]);
  await expect(options(page)).toHaveCount(3);
});

test("N1 F2 on a page from right to left, and not without JavaScript", async ({ people }) => {
  const { anna, zoe, group, page } = await inGroup(people, { locale: "ar" });
  await zoe.send(group, "one");
  await anna.loads(group);
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await field(page).pressSequentially("مرحبا @zo");
  await expect(options(page)).toHaveCount(1);
  const list = (await offer(page).boundingBox())!;
  const area = (await field(page).boundingBox())!;
  expect(list.x + list.width, "where the text begins").toBeCloseTo(area.x + area.width, 0);
  await field(page).press("Enter");
  await expect(field(page)).toHaveValue("مرحبا @zoe42 ");

  const plain = await people.join("dora", { javaScript: false });
  const walks = await zoe.conversation(["dora"], "Walks");
  await plain.goes(`/c/${walks}`);
  await expect(field(plain.page)).not.toHaveAttribute("aria-autocomplete");
  await expect(offer(plain.page)).toHaveCount(0);
});

test("N1 all members of a large group are offered", async ({ people }) => {
  test.setTimeout(120_000);
  const anna = await people.join("anna");
  const names = Array.from({ length: 36 }, (_, n) => `member${n + 10}`);
  for (const name of names) await new Api(people.url).register(name);
  const group = await anna.api.conversation(names, "Everybody");
  await anna.opens(group);
  await anna.types("@");
  await expect(options(anna.page)).toHaveCount(6);
  for (const name of [names[0], names[20], names[35]]) {
    await field(anna.page).fill(`@${name}`);
    await expect(options(anna.page)).toHaveText([new RegExp(`@${name}`)]);
  }
});
