import { log, rows } from "../support/page";
import { expect, test } from "../support/test";

test("F2 T2 a message is read as: sender, time, receipt, text", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  const bob = await people.join("bob", { first_name: "Bob", last_name: "Lind" });
  await anna.opens(bob);
  await bob.opens(anna);
  await anna.says("Good morning");
  await bob.sees("Good morning");
  await bob.says("Good morning, Anna");
  await anna.sees("Good morning, Anna");
  await anna.says("And good night");
  await expect(anna.message("And good night")).toHaveAttribute("data-state", "read");
  await anna.deletes("Good morning", "everyone");
  await anna.page.mouse.move(0, 0);
  await expect(log(anna.page)).toMatchAriaSnapshot(`
    - log "Messages":
      - list:
        - listitem: Today
        - listitem:
          - text: /You, \\d\\d:\\d\\d, Read:/
          - paragraph: Message deleted
        - listitem:
          - text: /Bob Lind, \\d\\d:\\d\\d:/
          - paragraph: Good morning, Anna
        - listitem:
          - text: /You, \\d\\d:\\d\\d, Read:/
          - paragraph: And good night
  `);
});

test("F2 the log by keyboard: to a message by arrows, to its menu by Enter, and back by Escape", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (const text of ["one", "two", "three"]) await bob.send(conversation, text);
  await anna.opens(conversation);
  await log(anna.page).focus();
  await anna.page.keyboard.press("ArrowUp");
  await expect(anna.message("three")).toBeFocused();
  await anna.page.keyboard.press("ArrowUp");
  await expect(anna.message("two")).toBeFocused();
  await anna.page.keyboard.press("ArrowDown");
  await anna.page.keyboard.press("ArrowUp");
  await anna.page.keyboard.press("Enter");
  await expect(anna.page.getByRole("button", { name: "Copy text" })).toBeFocused();
  await anna.page.keyboard.press("Escape");
  await expect(anna.page.getByRole("button", { name: "Copy text" })).toBeHidden();
  await anna.page.keyboard.press("Enter");
  await anna.page.getByRole("button", { name: "Delete for me" }).press("Enter");
  await anna.seesExactly(["one", "three"]);
});

test("T9 bubbles of a group are as high as their text: time and ticks take no extra line", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  const bob = await people.join("bob");
  await anna.opens(bob);
  await bob.opens(anna);
  for (const text of ["a", "b", "c"]) await anna.says(text);
  await anna.knowsSent("c");
  const height = (text: string) => anna.message(text).locator(".bubble").evaluate((bubble) => bubble.clientHeight);
  for (const text of ["a", "b", "c"]) expect(await height(text)).toBeLessThan(40);
  await expect(anna.message("c").locator(".time")).toBeVisible();
});

for (const language of ["en", "ar"]) {
  test(`T9 F2 the time of a message is beside it in either direction of its text, in "${language}"`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    for (const text of ["Hello", "مرحبا", "Bye"]) await bob.send(conversation, text);
    for (const text of ["Hello, Bob", "مرحبا بك", "Bye, Bob"]) await anna.api.send(conversation, text);
    await anna.goes("/settings");
    await anna.page.getByLabel("Language").selectOption(language);
    await expect(anna.page.locator("#appearance").getByRole("status")).toBeVisible();
    await expect(anna.page.locator("html")).toHaveAttribute("dir", language === "ar" ? "rtl" : "ltr");
    await anna.opens(conversation);
    for (const [text, own] of [["Hello", false], ["مرحبا", false], ["Hello, Bob", true], ["مرحبا بك", true]] as const) {
      const row = rows(anna.page).filter({ has: anna.page.getByText(text, { exact: true }) });
      await row.hover();
      await expect(row.locator(".meta")).toHaveCSS("opacity", "1");
      const [bubble, meta] = await row.evaluate((row) =>
        [".bubble", ".meta"].map((part) => (row.querySelector(part) as Element).getBoundingClientRect().toJSON()),
      );
      const right = own === (language === "ar");
      expect(right ? meta.left - bubble.right : bubble.left - meta.right, text).toBeGreaterThan(0);
    }
  });
}

test("T9 F1 W4 odd texts at 320 px: nothing is wider than the screen, and nothing leaves its row", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  await anna.page.setViewportSize({ width: 320, height: 640 });
  const conversation = await bob.conversation(["anna"]);
  const odd = {
    word: "W".repeat(5_000),
    lines: "x\n".repeat(2_500).trimEnd(),
    marks: "a" + "\u0301".repeat(4_999),
    override: "\u202E turned round \u202E\u2067",
    emoji: "👩‍👩‍👧‍👦🇸🇪",
    arabic: "مرحبا بالعالم",
  };
  for (const text of Object.values(odd)) await bob.send(conversation, text);
  await bob.send(conversation, "the end");
  await anna.opens(conversation);
  await anna.sees("the end");
  const texts = rows(anna.page).locator(".content");
  await expect(texts).toHaveText([...Object.values(odd), "the end"]);
  const wide = () => anna.page.evaluate(() => document.documentElement.scrollWidth);
  expect(await wide()).toBeLessThanOrEqual(320);
  expect(await log(anna.page).evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
  // The visible part of a row stays within it: clipped parts cannot cover its neighbours.
  for (const row of await rows(anna.page).all()) {
    const bubble = row.locator(".bubble");
    expect(await bubble.evaluate((bubble) => getComputedStyle(bubble).overflowY)).toBe("clip");
    expect(await bubble.evaluate((bubble) => bubble.clientHeight)).toBeLessThan(700);
  }
  // The long ones are folded, and unfold.
  const word = rows(anna.page).first();
  const height = () => word.evaluate((row) => row.clientHeight);
  const folded = await height();
  await word.getByText("Show more").click();
  await expect.poll(height).toBeGreaterThan(folded * 3);
  expect(await wide()).toBeLessThanOrEqual(320);
  // Time and button stand where they stand in any other row.
  const last = (text: string) => anna.message(text).locator(".time").evaluate((time) => time.getBoundingClientRect().left);
  expect(await rows(anna.page).nth(3).evaluate((row) => getComputedStyle(row).direction)).toBe("ltr");
  expect(await last("the end")).toBeGreaterThan(0);
  await expect(anna.message(odd.emoji)).toHaveClass(/emoji/);
});

test("F2 the accessibility tree of a conversation: list, heading, log, composer", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  const bob = await people.join("bob", { first_name: "Bob", last_name: "Lind" });
  await anna.opens(bob);
  await bob.opens(anna);
  await bob.says("Good morning, Anna");
  await anna.sees("Good morning, Anna");
  await anna.page.mouse.move(0, 0);
  await expect(anna.page.locator(".layout")).toMatchAriaSnapshot(`
    - link "Skip to the conversation":
      - /url: "#main"
    - banner:
      - link "Rapport"
      - button "Jump to a conversation"
      - link "Notifications"
      - link "New conversation"
    - region "Filter by name":
      - searchbox "Filter by name"
      - navigation:
        - link "All"
        - link "Unread"
        - link "Archived"
    - navigation "Conversations":
      - list:
        - listitem:
          - 'link /Bob Lind Online now Last: Good morning, Anna/'
      - paragraph:
        - text: /Updated \\d\\d:\\d\\d/
        - link "Refresh"
    - contentinfo:
      - link /Settings.* Anna Ek/
      - button "Keyboard"
      - button "Collapse list"
      - button "Sign out"
    - main:
      - heading "Bob Lind" [level=1]:
        - link "Bob Lind"
      - paragraph: Online
      - button "More"
      - log "Messages":
        - list:
          - listitem: Today
          - listitem:
            - text: /Bob Lind, \\d\\d:\\d\\d:/
            - paragraph: Good morning, Anna
      - status
      - paragraph
      - textbox "Message"
      - button "Send"
    - status
  `);
});

test("F2 previews in another direction begin with the sender and are not cut at their beginning", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await anna.api.send(conversation, "مرحبا بالعالم");
  await anna.goes("/");
  await anna.isLive();
  const preview = anna.listed("bob").locator(".preview");
  await expect(preview).toContainText("You: مرحبا بالعالم");
  const sides = () =>
    preview.evaluate((preview) => {
      const place = (element: Element | null) => {
        const range = document.createRange();
        if (element) range.selectNodeContents(element);
        const { left, right } = range.getBoundingClientRect();
        return { left, right };
      };
      return { row: place(preview), who: place(preview.querySelector("bdi")), what: place(preview.querySelector("[dir=auto]")) };
    });
  const short = await sides();
  expect(short.who.right, "left to right: who, then what").toBeLessThanOrEqual(short.what.left);
  await anna.api.send(conversation, "مرحبا ".repeat(60));
  await expect(preview).toContainText("مرحبا مرحبا");
  const long = await sides();
  expect(long.who.right).toBeLessThanOrEqual((await preview.locator("[dir=auto]").boundingBox())?.x ?? 0);
  // Its first letter is at the end of the line, which is seen; what is cut off is its end.
  const box = await preview.locator("[dir=auto]").boundingBox();
  expect(Math.abs((box?.x ?? 0) + (box?.width ?? 0) - long.what.right)).toBeLessThan(2);
});

const SEVERAL_LINES = "Saturday looks dry until about four, then rain from the west; I would rather start early.\n\n- tent\n- rope";

test("T9 F2 the borders between the messages of a group are visible", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (const text of ["One", SEVERAL_LINES, "Another one", SEVERAL_LINES]) await bob.send(conversation, text);
  await anna.opens(conversation);
  await expect(rows(anna.page)).toHaveCount(4);
  for (const colorScheme of ["light", "dark"] as const) {
    await anna.page.emulateMedia({ colorScheme });
    const boxes = await anna.page.locator(".bubble").evaluateAll((bubbles) =>
      bubbles.map((bubble) => {
        const { top, bottom } = bubble.getBoundingClientRect();
        const ground = getComputedStyle(document.body).backgroundColor;
        return { top, bottom, filled: getComputedStyle(bubble).backgroundColor !== ground };
      }),
    );
    boxes.forEach((box, at) => {
      expect(box.filled, "a box of its own").toBe(true);
      if (at > 0) expect(box.top - boxes[at - 1].bottom, "space between two").toBeGreaterThanOrEqual(2);
    });
  }
});

for (const language of ["en", "ar"]) {
  test(`T9 F2 messages of others are at one edge and own messages at the other, in either direction of text, in "${language}"`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const carol = await people.bot("carol");
    const conversation = await bob.conversation(["anna", "carol"], "Three of us");
    const texts = ["Hello", "مرحبا", "שלום לכולם", SEVERAL_LINES, "أنا جاهز\nسأحضر القهوة والخبز وبعض الفواكه الطازجة من السوق القريب من بيتي إن شاء الله", "English first, ثم العربية"];
    for (const api of [bob, carol, anna.api]) for (const text of texts) await api.send(conversation, text);
    await anna.chooses(language);
    await anna.opens(conversation);
    await expect(rows(anna.page)).toHaveCount(3 * texts.length);
    const found = await rows(anna.page).evaluateAll((rows) =>
      rows.map((row) => {
        const bubble = row.querySelector(".bubble") as Element;
        const { left, right } = bubble.getBoundingClientRect();
        return { own: row.matches(".own"), left: Math.round(left), right: Math.round(right), direction: getComputedStyle(bubble).direction };
      }),
    );
    const rtl = language === "ar";
    const edges = (own: boolean) => new Set(found.filter((row) => row.own === own).map((row) => (own === rtl ? row.left : row.right)));
    expect(edges(true).size, "own ones at the end of the page").toBe(1);
    expect(edges(false).size, "the others at its start").toBe(1);
    const [own] = edges(true);
    const [other] = edges(false);
    if (rtl) expect(own).toBeLessThan(other);
    else expect(own).toBeGreaterThan(other);
    expect(found.slice(0, texts.length).map((row) => row.direction)).toEqual(["ltr", "rtl", "rtl", "ltr", "rtl", "ltr"]);
  });
}

test("F2 a long name in the list is cut at its own end, whatever the page's direction", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob", { first_name: "Bartholomew Alexander", last_name: "Featherstonehaugh" });
  await people.bot("carol");
  const conversation = await bob.api.conversation(["anna", "carol"], "Three of us");
  await bob.api.send(conversation, "مرحبا بالعالم مرحبا بالعالم مرحبا بالعالم");
  await anna.goes("/settings");
  await anna.page.getByLabel("Language").selectOption("ar");
  await expect(anna.page.locator("html")).toHaveAttribute("dir", "rtl");
  const name = anna.page.locator(".item .preview bdi");
  await expect(name).toHaveText("Bartholomew Alexander Featherstonehaugh");
  const { box, first, last } = await name.evaluate((name) => {
    const text = name.firstChild as Text;
    const place = (from: number) => {
      const range = document.createRange();
      range.setStart(text, from);
      range.setEnd(text, from + 1);
      const { left, right } = range.getBoundingClientRect();
      return { left, right };
    };
    const { left, right } = name.getBoundingClientRect();
    return { box: { left, right }, first: place(0), last: place(text.length - 1) };
  });
  expect(first.left, "its first letter is seen").toBeGreaterThanOrEqual(box.left - 1);
  expect(last.left, "its end is cut").toBeGreaterThan(box.right);
});

test("V-text each line has the direction of its own script, in the log and in the composer", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "This is a first line, long enough for the box\nمرحبا\nend");
  await anna.opens(conversation);
  const lines = await rows(anna.page).first().locator(".content").evaluate((content) => {
    const bubble = (content.closest(".bubble") as Element).getBoundingClientRect();
    const text = content.firstChild as Text;
    const line = (words: string) => {
      const range = document.createRange();
      range.setStart(text, text.data.indexOf(words));
      range.setEnd(text, text.data.indexOf(words) + words.length);
      const { left, right } = range.getBoundingClientRect();
      return { fromLeft: Math.round(left - bubble.left), fromRight: Math.round(bubble.right - right) };
    };
    return { first: line("This"), arabic: line("مرحبا"), last: line("end") };
  });
  expect(lines.arabic.fromRight, "Arabic begins at the right edge").toBeLessThan(20);
  expect(lines.arabic.fromLeft).toBeGreaterThan(60);
  expect([lines.first.fromLeft, lines.last.fromLeft].every((left) => left < 20), "English begins at the left edge").toBe(true);

  await anna.goes("/settings");
  await anna.page.getByLabel("Language").selectOption("ar");
  await expect(anna.page.locator("html")).toHaveAttribute("dir", "rtl");
  await anna.opens(conversation);
  const field = anna.page.locator(".composer textarea");
  await expect(field, "an empty field goes as the page does").toHaveCSS("direction", "rtl");
  await field.fill("hello");
  await expect(field).toHaveCSS("direction", "ltr");
});

test("V-select a triple click selects the text and not the clock", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "Take this with you");
  await anna.opens(conversation);
  await anna.message("Take this with you").locator(".content").click({ clickCount: 3 });
  expect((await anna.page.evaluate(() => String(getSelection()))).trim()).toBe("Take this with you");
});

test("V-print the whole conversation is printed, without the list and the composer", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  for (let at = 1; at <= 40; at++) await bob.send(conversation, `Line ${at}`);
  await anna.opens(conversation);
  await expect(rows(anna.page)).toHaveCount(40);
  await anna.page.emulateMedia({ media: "print" });
  for (const part of [".side", ".composer", ".menu-button"]) await expect(anna.page.locator(part).first()).toBeHidden();
  const clipped = await rows(anna.page).evaluateAll((rows) => {
    const log = rows[0].closest(".log") as HTMLElement;
    const { height } = log.getBoundingClientRect();
    return { height, rows: rows.reduce((sum, row) => sum + row.getBoundingClientRect().height, 0), top: rows[0].getBoundingClientRect().top };
  });
  expect(clipped.height, "the log is as high as its rows").toBeGreaterThan(clipped.rows);
  expect(clipped.top, "the first row is on the page").toBeGreaterThanOrEqual(0);
  await expect(anna.message("Line 7").locator("time")).toBeVisible();
  await anna.page.emulateMedia({ media: null });
});
