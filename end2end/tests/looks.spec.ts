import { expect, test } from "../support/test";
import * as ui from "../support/page";

/** What is written on what, and the contrast that it needs: AAA for messages, AA for the rest, 3 for signs. */
const PAIRS: [string, string[], number][] = [
  ["ink", ["ground", "own", "side", "surface", "raised"], 7],
  ["ink-2", ["ground", "own", "side", "surface", "raised"], 4.5],
  ["ink-3", ["ground", "own", "side", "surface", "raised"], 4.5],
  ["accent", ["ground", "own", "side", "surface"], 4.5],
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

test("F2: in high contrast the state still shows", async ({ people }) => {
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

test("F2: nothing moves for those who want it still", async ({ people }) => {
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
