import type { Locator } from "@playwright/test";
import * as ui from "../support/page";
import { expect, test } from "../support/test";

/** Foreground, background and required contrast: AAA for messages, AA for other text, 3 for symbols. */
const PAIRS: [string, string[], number][] = [
  ["ink", ["ground", "theirs", "own", "side", "surface", "raised"], 7],
  ["ink-2", ["ground", "theirs", "own", "side", "surface", "raised"], 4.5],
  ["ink-3", ["ground", "theirs", "own", "side", "surface", "raised"], 4.5],
  ["accent", ["ground", "theirs", "own", "side", "surface"], 4.5],
  ["accent-ink", ["accent"], 4.5],
  ["positive", ["positive-ground", "ground", "side"], 4.5],
  ["danger", ["danger-ground", "ground", "side", "own"], 4.5],
  ["warning", ["ground", "side"], 3],
  ["line-strong", ["ground", "surface"], 3],
];

for (const theme of ["light", "dark"] as const) {
  test(`F2: contrast of every colour of text, ${theme}`, async ({ people }) => {
    const page = await people.window("anybody");
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${people.url()}/sign-in`);
    const poor = await page.evaluate((pairs) => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const probe = document.body.appendChild(document.createElement("p"));
      const light = (colour: string) => {
        probe.style.color = colour;
        if (!canvas) throw new Error("no canvas");
        canvas.fillStyle = getComputedStyle(probe).color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      const ratio = (a: number, b: number) => Math.max(a, b) / Math.min(a, b);
      const wrong: string[] = [];
      const check = (on: string, ground: string, needs: number) => {
        const has = ratio(light(on), light(ground));
        if (has < needs) wrong.push(`${on} on ${ground}: ${has.toFixed(2)}, needs ${needs}`);
      };
      for (const [on, grounds, needs] of pairs) {
        for (const ground of grounds) check(`var(--${on})`, `var(--${ground})`, needs);
      }
      // Faces: every colour that one may be made of.
      for (let hue = 0; hue < 8; hue++) {
        const face = document.body.appendChild(document.createElement("span"));
        face.className = `avatar hue-${hue}`;
        const { color, backgroundColor } = getComputedStyle(face);
        check(color, backgroundColor, 4.5);
      }
      return wrong;
    }, PAIRS);
    expect(poor).toEqual([]);
  });
}

test("F2: states are visible in high contrast", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.opens(bob);
  await bob.opens(anna);
  const face = anna.page.locator(".head .face");
  await expect(face).toHaveAttribute("data-presence", "online");
  await anna.page.emulateMedia({ forcedColors: "active" });
  const look = (selector: string, part?: string) =>
    anna.page.locator(selector).first().evaluate((element, part) => {
      const { backgroundColor, outlineStyle, outlineWidth } = getComputedStyle(element, part);
      const page = getComputedStyle(document.body).backgroundColor;
      return { filled: backgroundColor !== page, outlined: outlineStyle === "solid" && parseFloat(outlineWidth) > 0 };
    }, part);
  expect((await look(".item[aria-current]")).outlined, "the open conversation").toBe(true);
  expect((await look(".head .face", "::after")).filled, "who is there").toBe(true);
  expect((await look(".side .badge .dot")).filled, "the connection").toBe(true);
  expect((await look(".side-head .icon")).filled, "drawings").toBe(true);
});

test("F2: nothing moves with reduced motion", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await anna.page.emulateMedia({ reducedMotion: "reduce" });
  await anna.opens(bob);
  await bob.opens(anna);
  await bob.types("hm");
  await anna.seesTyping(bob);
  await anna.page.keyboard.press("Control+k");
  await expect(anna.page.getByRole("dialog")).toBeVisible();
  const moving = () =>
    anna.page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => {
          const timing = animation.effect?.getComputedTiming();
          return animation.playState === "running" && Number(timing?.activeDuration) > 1_000;
        })
        .map((animation) => (animation as CSSAnimation).animationName),
    );
  expect(await moving()).toEqual([]);
  await expect(ui.typing(anna.page)).toContainText("bob");
});

/** Which pixels of a picture stand out from its first one, whatever their colour. */
async function silhouette(of: Locator): Promise<boolean[]> {
  const png = (await of.screenshot()).toString("base64");
  return of.page().evaluate(async (png) => {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(16, 11).getContext("2d");
    if (!canvas) throw new Error("no canvas");
    canvas.drawImage(image, 0, 0, 16, 11);
    const { data } = canvas.getImageData(0, 0, 16, 11);
    const light = (at: number) => 0.3 * data[4 * at] + 0.6 * data[4 * at + 1] + 0.1 * data[4 * at + 2];
    return Array.from({ length: 16 * 11 }, (_, at) => Math.abs(light(at) - light(0)) > 40);
  }, png);
}

test("T2 F2: sent, delivered and read differ in shape, not only in colour", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  await people.bot("carol");
  const sent = await anna.api.conversation(["carol"]);
  const seen = await anna.api.conversation(["bob"]);
  const shapes: Record<string, boolean[]>[] = [{}, {}];
  const look = async (state: string) => {
    await expect(anna.message("How far?")).toHaveAttribute("data-state", state);
    await anna.page.mouse.move(0, 0);
    for (const [at, colorScheme] of (["light", "dark"] as const).entries()) {
      await anna.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      shapes[at][state] = await silhouette(anna.message("How far?").locator(".ticks"));
    }
  };
  await anna.opens(sent);
  await anna.says("How far?");
  await look("sent");
  await anna.opens(seen);
  await anna.says("How far?");
  await look("delivered");
  await bob.opens(seen);
  await look("read");
  for (const theme of shapes) {
    for (const [one, other] of [["sent", "delivered"], ["sent", "read"], ["delivered", "read"]]) {
      const different = theme[one].filter((dark, at) => dark !== theme[other][at]).length;
      expect(different / theme[one].length, `${one} and ${other}`).toBeGreaterThan(0.1);
    }
    const filled = (state: string) => theme[state].filter(Boolean).length;
    expect(filled("read"), "filled, where the other is of lines").toBeGreaterThan(2 * filled("delivered"));
  }
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`F1: the heading of a day is opaque, ${colorScheme}`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    for (let n = 1; n <= 40; n++) await bob.send(conversation, `Line ${n} ${"with words that reach under the heading ".repeat(3)}`);
    await anna.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await anna.opens(conversation);
    await anna.page.mouse.move(0, 0);
    const pill = anna.page.locator(".day span");
    const at = async (offset: number) => {
      await ui.log(anna.page).evaluate((log, offset) => (log.scrollTop = -offset), offset);
      const box = await pill.boundingBox();
      if (!box) throw new Error("it has no place");
      // Without its round ends.
      const clip = { x: Math.ceil(box.x) + 16, y: Math.ceil(box.y), width: Math.floor(box.width) - 32, height: Math.floor(box.height) - 1 };
      return { y: box.y, picture: await anna.page.screenshot({ clip }) };
    };
    const [one, other] = [await at(100), await at(113)];
    expect(one.y, "it stays where it is").toBe(other.y);
    expect(one.picture.equals(other.picture), "the same whatever is under it").toBe(true);
    expect(await pill.evaluate((pill) => parseFloat(getComputedStyle(pill).borderTopWidth)), "has an edge").toBeGreaterThan(0);
  });
}

test("F1: only an incoming message slides in, and none with reduced motion", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  const other = await bob.conversation(["anna"], "Another one");
  for (const id of [conversation, other]) for (const text of ["one", "two", "three"]) await bob.send(id, text);
  const { page } = anna;
  await page.addInitScript(() => {
    const slid: string[] = [];
    Object.assign(window, { slid });
    addEventListener("transitionrun", ({ target, propertyName }) => {
      if (target instanceof Element && target.matches(".message")) slid.push(`${propertyName} of ${target.querySelector(".content")?.textContent}`);
    });
  });
  const slid = () => page.evaluate(() => (window as unknown as { slid: string[] }).slid.splice(0).sort());
  // From then on what arrives slides in.
  const isReady = () => expect(page.locator(".messages")).toHaveClass(/at-end/);
  await anna.loads(conversation);
  await isReady();
  expect(await slid(), "that the page came with").toEqual([]);
  await anna.opens(other);
  await anna.sees("three");
  await isReady();
  expect(await slid(), "that a conversation opened with").toEqual([]);
  await bob.send(other, "four");
  await anna.sees("four");
  await expect.poll(slid).toEqual(["opacity of four", "translate of four"]);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await bob.send(other, "five");
  await anna.sees("five");
  await bob.send(other, "six");
  await anna.sees("six");
  expect(await slid()).toEqual([]);
});

test("F1: in the jump dialog a long name ends in an ellipsis, with the username beside it", async ({ people }) => {
  const anna = await people.join("anna", { phone: true });
  const long = { first_name: "Wilhelmina Alexandrina", last_name: "Abrahamsson-Montgomery von Hohenlohe" };
  await people.join("wilhelmina", long);
  await people.bot("bob");
  await anna.api.conversation(["bob"], "Bob and a title that goes on for longer than a line of a phone can be");
  await anna.goes("/");
  await anna.isLive();
  await anna.page.keyboard.press("Control+k");
  const dialog = anna.page.getByRole("dialog");
  await anna.page.getByRole("combobox").fill("b");
  const cut = (option: Locator) =>
    option.locator("bdi").evaluate((name) => {
      const { textOverflow, overflowX } = getComputedStyle(name);
      return name.scrollWidth > name.clientWidth && textOverflow === "ellipsis" && overflowX === "hidden";
    });
  await expect(dialog.getByRole("option")).not.toHaveCount(0);
  expect(await cut(dialog.getByRole("option").first())).toBe(true);
  await anna.page.getByRole("combobox").fill("wilhel");
  const person = dialog.getByRole("option").filter({ hasText: "@wilhelmina" });
  await expect(person).toBeVisible();
  expect(await cut(person)).toBe(true);
  const [option, name] = [await person.boundingBox(), await person.getByText("@wilhelmina").boundingBox()];
  if (!option || !name) throw new Error("it has no place");
  expect(name.x + name.width).toBeLessThanOrEqual(option.x + option.width);
  expect(Math.abs(name.y + name.height / 2 - (option.y + option.height / 2)), "in one line").toBeLessThan(3);
  await expect(dialog.locator(".jump-scope")).toBeInViewport({ ratio: 1 });
});

test("T8 F1: actions that cannot be undone are separate in the menu and ask for confirmation", async ({ people }) => {
  const anna = await people.join("anna");
  await people.bot("bob");
  await anna.opens(await anna.api.conversation(["bob"]));
  await anna.says("Said too much");
  await anna.knowsSent("Said too much");
  await anna.message("Said too much").hover();
  await anna.message("Said too much").getByRole("button", { name: "More" }).click();
  const menu = anna.page.locator("#message-menu");
  const box = async (of: Locator) => {
    const box = await of.boundingBox();
    if (!box) throw new Error("it has no place");
    return box;
  };
  const [me, rule, everyone] = [
    await box(menu.getByRole("button", { name: "Delete for me" })),
    await box(menu.locator("hr")),
    await box(menu.getByRole("button", { name: "Delete for everyone" })),
  ];
  expect(rule.width).toBeGreaterThan(me.width * 0.9);
  expect(rule.y).toBeGreaterThanOrEqual(me.y + me.height);
  expect(rule.y).toBeLessThanOrEqual(everyone.y);
  const colour = (of: Locator, name: "color" | "backgroundColor") => of.evaluate((element, name) => getComputedStyle(element)[name], name);
  expect(await colour(menu.getByRole("button", { name: "Delete for everyone" }), "color")).not.toBe(
    await colour(menu.getByRole("button", { name: "Delete for me" }), "color"),
  );
  await menu.getByRole("button", { name: "Delete for everyone" }).click();
  const dialog = anna.page.getByRole("alertdialog");
  const [cancel, confirm] = [dialog.getByRole("button", { name: "Cancel" }), dialog.getByRole("button", { name: "Delete", exact: true })];
  expect((await box(cancel)).x).toBeLessThan((await box(confirm)).x);
  expect(await colour(confirm, "backgroundColor")).not.toBe(await colour(cancel, "backgroundColor"));
});
