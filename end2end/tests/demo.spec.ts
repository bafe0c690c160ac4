import { found } from "../support/axe";
import * as ui from "../support/page";
import { People } from "../support/people";
import { demonstration } from "../support/server";
import { expect, test } from "../support/test";

for (const phone of [false, true]) {
  test(`demo: a new visitor finds a person, sends, sees typing, delivered, read and an answer, ${phone ? "on a phone" : "on a desktop"}`, async ({ browser }) => {
    const server = demonstration();
    const people = new People(browser, () => server.url);
    try {
      await server.start();
      const page = await people.window("a visitor", { phone });
      const banner = page.getByText("This is a demonstration. Everything is deleted when it stops.");
      await page.goto(server.url);
      await expect(banner).toBeVisible();
      await page.getByRole("button", { name: "Ada Lindqvist" }).click();
      await expect(page.locator("html")).toHaveAttribute("data-link", "connected");
      await expect(banner).toBeVisible();
      expect(await ui.list(page).getByRole("link").count(), "conversations worth looking at").toBeGreaterThan(8);

      await page.getByRole("link", { name: "New conversation" }).first().click();
      await page.getByRole("search").getByRole("searchbox").fill("okafor");
      await page.getByRole("search").getByRole("searchbox").press("Enter");
      await page.waitForURL(/\/c\/\d+$/);
      await expect(page.locator("html")).toHaveAttribute("data-link", "connected");

      const text = "Hello Zoë! What do the ticks mean?";
      const states = await statesOf(page, text);
      await ui.composer(page).fill(text);
      await ui.send(page).click();
      await expect(ui.typing(page)).toContainText("Zoë", { timeout: 15_000 });
      await expect(ui.log(page).getByText(/it was read/)).toBeVisible({ timeout: 15_000 });
      const seen = await states();
      expect(seen, seen.join()).toEqual(expect.arrayContaining(["delivered", "read"]));
      expect(seen.indexOf("delivered"), seen.join()).toBeLessThan(seen.indexOf("read"));
      await expect(banner).toBeVisible();
      expect(people.watch.problems, "errors that pages reported").toEqual([]);
    } finally {
      await people.leave();
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      await server.remove();
    }
  });
}

/** From now on, each state that the message of this text goes through. Ask afterwards. */
async function statesOf(page: import("@playwright/test").Page, text: string): Promise<() => Promise<string[]>> {
  await page.evaluate((text) => {
    const states: string[] = [];
    const look = () => {
      const row = [...document.querySelectorAll("[data-client-id]")].find((row) => row.textContent?.includes(text));
      const state = row?.getAttribute("data-state");
      if (state && states.at(-1) !== state) states.push(state);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(window, { states });
  }, text);
  return () => page.evaluate(() => (window as unknown as { states: string[] }).states);
}

test("F2 demo: axe finds no violation on its pages, in both themes and at both sizes", async ({ browser }) => {
  test.setTimeout(180_000);
  const server = demonstration();
  const people = new People(browser, () => server.url);
  try {
    await server.start();
    const page = await people.window("a visitor");
    for (const path of ["/sign-in", "/register"]) {
      await page.goto(server.url + path);
      expect.soft(await found(page), path).toEqual([]);
    }
    await page.goto(`${server.url}/sign-in`);
    await page.getByRole("button", { name: "Ada Lindqvist" }).click();
    const isLive = () => expect(page.locator("html")).toHaveAttribute("data-link", "connected");
    await isLive();
    const names = await ui.list(page).getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
    // Scripts of several directions, a group, a history without end.
    for (const path of ["/", ...names.slice(0, 6), `${names[0]}?details`, "/new?q=a", "/settings"]) {
      await page.goto(server.url + path);
      await isLive();
      expect.soft(await found(page), path).toEqual([]);
    }
  } finally {
    await people.leave();
    await server.stop();
    await server.remove();
  }
});

test("demo: a bot answers for a visitor's account again some time after the sign-out", async ({ browser }) => {
  test.setTimeout(150_000);
  const server = demonstration();
  const people = new People(browser, () => server.url);
  try {
    await server.start();
    const enter = async (name: string) => {
      const page = await people.window(name);
      await page.goto(`${server.url}/sign-in`);
      await page.getByRole("button", { name }).click();
      await expect(page.locator("html")).toHaveAttribute("data-link", "connected");
      return page;
    };
    const karim = await enter("كريم حداد");
    const ada = await enter("Ada Lindqvist");
    await ui.listed(ada, "كريم حداد").click();
    await ui.composer(ada).fill("Hello Karim!");
    await ui.send(ada).click();
    await karim.getByRole("button", { name: "Sign out" }).first().click();
    await expect(karim).toHaveURL(/sign-in/);
    await expect(ui.rows(ada).last()).not.toHaveAttribute("data-state", /./, { timeout: 80_000 });
  } finally {
    await people.leave();
    await server.stop();
    await server.remove();
  }
});
