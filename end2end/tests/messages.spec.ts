import { expect, test } from "../support/test";
import { composer, log } from "../support/page";

test("T1 a message is shown at once in the other window, on a phone, too, and is stored", async ({ people, server }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob", { phone: true });
  const conversation = await anna.opens(bob);
  await bob.opens(anna);

  await anna.says("Hi, Bob.\nTwo lines.");
  await bob.sees("Hi, Bob.\nTwo lines.");
  await bob.says("Hi, Anna. 👋🏽");
  await anna.sees("Hi, Anna. 👋🏽");
  await anna.knowsSent("Hi, Bob.\nTwo lines.");

  const both = ["Hi, Bob.\nTwo lines.", "Hi, Anna. 👋🏽"];
  await anna.reloads();
  await bob.reloads();
  await anna.seesExactly(both);
  await bob.seesExactly(both);

  await server.restart();
  await anna.isAt("connected");
  await bob.isAt("connected");
  await anna.reloads();
  await bob.reloads();
  await anna.seesExactly(both);
  await bob.seesExactly(both);
  await anna.seesAllOf(conversation);
  people.watch.expectBrokenLink();
});

test("T1 within 200 milliseconds", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await bob.opens(anna);
  const took: number[] = [];
  for (const word of ["warming up", "one", "two", "three", "four", "five"]) {
    const text = `number ${word}`;
    const shown = await bob.moment(text);
    await composer(anna.page).fill(text);
    await anna.page.evaluate(() => {
      addEventListener("keydown", () => Object.assign(window, { pressed: Date.now() }), { capture: true, once: true });
    });
    await composer(anna.page).press("Enter");
    took.push((await shown.passed) - (await anna.page.evaluate(() => (window as unknown as { pressed: number }).pressed)));
  }
  const typical = took.slice(1).sort((a, b) => a - b)[2];
  expect(typical, `median of ${took.slice(1)}`).toBeLessThan(200);
});

test("T3 typing is shown, and ends after silence, on send and on leaving", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await bob.opens(anna);

  await anna.types("Hm");
  await bob.seesTyping(anna);
  await bob.seesNobodyTyping(6_000);

  await composer(anna.page).press("Enter");
  await bob.sees("Hm");
  await anna.types("Another");
  await bob.seesTyping(anna);
  await composer(anna.page).press("Enter");
  await bob.sees("Another");
  await bob.seesNobodyTyping(1_000);

  await anna.types("And gone");
  await bob.seesTyping(anna);
  await anna.page.close();
  await bob.seesNobodyTyping(8_000);
});

test("T3 several people type, each is named once", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const carol = await people.join("carol");
  const group = await anna.api.conversation(["bob", "carol"], "Three");
  for (const person of [anna, bob, carol]) await person.opens(group);
  await anna.types("I");
  await anna.types(" think");
  await carol.types("So do I");
  await bob.seesTyping(anna);
  await bob.seesTyping(carol);
  const line = await bob.page.locator(".typing").innerText();
  expect(line.match(/anna/g), line).toHaveLength(1);
  expect(line.match(/carol/g), line).toHaveLength(1);
});

test("T4 messages are read when seen: not in a hidden tab, not by own messages", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await bob.opens(anna);
  await bob.looksAway();

  await anna.says("Are you there?");
  await expect(anna.message("Are you there?")).toHaveAttribute("data-state", "delivered");
  await bob.says("I answer blindly");
  await anna.sees("I answer blindly");
  await expect(anna.message("Are you there?")).toHaveAttribute("data-state", "delivered");

  await bob.looksBack();
  await expect(anna.message("Are you there?")).toHaveAttribute("data-state", "read");
});

test("T4 messages are read when seen: not below the edge of the window; all own devices agree", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  for (let n = 1; n <= 20; n++) await anna.api.send(conversation, `Line ${n}\n\n\n\nof five`);
  await bob.opens(anna);
  await anna.opens(bob);
  await expect(anna.message("Line 20\n\n\n\nof five")).toHaveAttribute("data-state", "read");
  const elsewhere = await bob.device();
  await log(bob.page).hover();
  await bob.page.mouse.wheel(0, -100_000);

  await anna.says("Down here");
  await expect(anna.message("Down here")).toHaveAttribute("data-state", "delivered");
  await elsewhere.seesUnread("anna", 1);
  await bob.page.mouse.wheel(0, 100_000);
  await expect(anna.message("Down here")).toHaveAttribute("data-state", "read");
  await elsewhere.seesUnread("anna", 0);
});

test("T5 unread: a count in the list and in the title, a line before the first", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await bob.goes("/");
  await bob.isLive();
  for (const text of ["one", "two", "three"]) await anna.api.send(conversation, text);
  await bob.seesUnread("anna", 3);
  await expect(bob.page).toHaveTitle(/3/);

  await bob.listed("anna").click();
  await expect(bob.page.getByText("3 new")).toHaveCount(1);
  await bob.seesUnread("anna", 0);
  await expect(bob.page).not.toHaveTitle(/\(3\)/);
  await bob.goes("/");
  await bob.seesUnread("anna", 0);
});

test.describe("W5 at the default limits", () => {
  test.use({ settings: { RAPPORT_LIMITS__SENDS_PER_SECOND: undefined, RAPPORT_LIMITS__SEND_BURST: undefined } });

  test("W5 T7 messages above the rate limit are delayed, and none is lost", async ({ people }) => {
    test.setTimeout(90_000);
    const anna = await people.join("anna");
    const bob = await people.join("bob");
    const conversation = await anna.opens(bob);
    await bob.opens(anna);
    const said = Array.from({ length: 30 }, (_, n) => `quick ${n + 1}`);
    for (const text of said) await anna.says(text);
    await bob.seesExactly(said, 40_000);
    await anna.seesExactly(said);
    await anna.knowsSent("quick 30");
    await anna.seesAllOf(conversation);
  });
});
