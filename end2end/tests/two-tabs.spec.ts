import { composer } from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

// Two tabs of one person in one conversation. In a headless browser every page has the focus; `looksAway` makes a tab
// behave as one in the background.

const written = async (person: Person, conversation: number) =>
  (await person.api.history(conversation)).map((message) => message.content);

test("T7 P5 both tabs send at once: each message once, in the same order in both", async ({ people }) => {
  test.setTimeout(90_000);
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  const second = await anna.tab();
  await second.opens(conversation);
  const says = async (tab: Person, name: string) => {
    for (let n = 1; n <= 15; n++) {
      // In one step: the draft of the other tab may come between, and replaces a text that was typed some seconds ago.
      await composer(tab.page).evaluate((field: HTMLTextAreaElement, text) => {
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      }, `${name} ${n}`);
    }
  };
  await Promise.all([says(anna, "first"), says(second, "second")]);
  for (const tab of [anna, second]) {
    await tab.knowsSent("first 15");
    await tab.knowsSent("second 15");
    await expect(composer(tab.page)).toHaveValue("");
  }
  const all = await written(anna, conversation);
  expect([...all].sort()).toEqual(["first", "second"].flatMap((name) => Array.from({ length: 15 }, (_, n) => `${name} ${n + 1}`)).sort());
  for (const name of ["first", "second"]) {
    const own = all.filter((text) => text.startsWith(name));
    expect(own, "in the order in which one tab sent them").toEqual(own.map((_, n) => `${name} ${n + 1}`));
  }
  for (const tab of [anna, second, bob]) await tab.seesExactly(all);
  await anna.reloads();
  await expect(composer(anna.page)).toHaveValue("");
  await anna.seesExactly(all);
});

test("T7 P5 a draft of the other tab does not overwrite a field while somebody types in it", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const second = await anna.tab();
  await second.opens(conversation);
  // No text is typed in the second tab yet: it takes the draft over.
  await anna.types("We meet ");
  await expect(composer(second.page)).toHaveValue("We meet ");
  // From here on both fields are typed in, letter by letter.
  for (const field of [composer(anna.page), composer(second.page)]) await field.press("Control+End");
  const [one, two] = ["at noon, by the river", "at eight, by the station"];
  for (let at = 0; at < Math.max(one.length, two.length); at++) {
    if (two[at]) await second.page.keyboard.type(two[at]);
    if (one[at]) await anna.page.keyboard.type(one[at]);
  }
  await expect(composer(anna.page)).toHaveValue(`We meet ${one}`);
  await expect(composer(second.page)).toHaveValue(`We meet ${two}`);
  await composer(anna.page).press("Enter");
  await anna.knowsSent(`We meet ${one}`);
  await expect(composer(second.page), "sending in the other tab does not clear this field").toHaveValue(`We meet ${two}`);
  await composer(second.page).press("Enter");
  await second.knowsSent(`We meet ${two}`);
  for (const tab of [anna, second]) {
    await tab.seesExactly([`We meet ${one}`, `We meet ${two}`]);
    await expect(composer(tab.page)).toHaveValue("");
  }
  expect(await written(anna, conversation)).toEqual([`We meet ${one}`, `We meet ${two}`]);
  await second.reloads();
  await expect(composer(second.page)).toHaveValue("");
});

for (const [what, leaves] of [
  ["it is in the background", (tab: Person) => tab.looksAway()],
  ["its field has no focus", (tab: Person) => composer(tab.page).blur()],
  ["its field is empty", async (tab: Person) => composer(tab.page).fill("")],
] as const) {
  test(`T7 P5 a tab takes over the draft of the other one when ${what}`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    const second = await anna.tab();
    await second.opens(conversation);
    await second.types("Good");
    await leaves(second);
    const before = what === "its field is empty" ? "" : "Good";
    await expect(composer(anna.page)).toHaveValue(before);
    await composer(anna.page).press("Control+End");
    await anna.page.keyboard.type(" morning");
    await expect(composer(second.page)).toHaveValue(`${before} morning`);
    await composer(anna.page).press("Enter");
    await anna.knowsSent(`${before} morning`.trim());
    await expect(composer(second.page)).toHaveValue("");
    await second.reloads();
    await expect(composer(second.page)).toHaveValue("");
    expect(await written(anna, conversation)).toEqual([`${before} morning`.trim()]);
  });
}

test("T7 P5 both tabs write without a connection, and one is closed: everything is sent once", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  const second = await anna.tab();
  await second.opens(conversation);
  await network.cut();
  for (const tab of [anna, second]) await expect(tab.page.locator("html")).not.toHaveAttribute("data-link", "connected");
  for (let n = 1; n <= 3; n++) {
    await anna.says(`first ${n}`);
    await second.says(`second ${n}`);
  }
  await second.types("and half a");
  await anna.page.close();
  await network.heal();
  await second.isAt("connected", 40_000);
  const wanted = ["first", "second"].flatMap((name) => [1, 2, 3].map((n) => `${name} ${n}`));
  // The unsent messages of the closed tab are taken over when a page is loaded.
  await second.reloads();
  for (const text of wanted) await second.knowsSent(text);
  await expect(composer(second.page)).toHaveValue("and half a");
  expect((await written(anna, conversation)).sort()).toEqual(wanted);
  await second.seesAllOf(conversation);
});
