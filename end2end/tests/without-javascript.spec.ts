import { PASSWORD } from "../support/api";
import { listed, older, unread } from "../support/page";
import type { Coming } from "../support/people";
import { expect, test } from "../support/test";

const WITHOUT: [string, Coming][] = [
  ["without JavaScript", { javaScript: false }],
  ["without JavaScript, on a phone", { javaScript: false, phone: true }],
  ["with WASM blocked", { wasm: false }],
  ["with WASM blocked, on a phone", { wasm: false, phone: true }],
];

for (const [without, how] of WITHOUT) {
  test(`P6 ${without}: register, find, talk, page back, mark read, settings, sign out, sign in`, async ({ people }) => {
    test.setTimeout(180_000);
    const bob = await people.bot("bob");
    const page = await people.window("anna", how);
    const back = () => (how.phone ? page.getByRole("link", { name: "Back to the list" }).click() : undefined);
    await page.goto(`${people.url()}/register`);
    await page.getByLabel("Username").fill("anna");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Register" }).click();
    await page.waitForURL(/\/$/);

    // A person without conversations sees a link to start one.
    await page.getByRole("link", { name: "Find people" }).filter({ visible: true }).first().click();
    await page.getByRole("search").getByRole("searchbox").fill("bo");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("main").getByRole("button", { name: /bob/ }).click();
    await page.waitForURL(/\/c\/\d+$/);
    const conversation = Number(page.url().split("/").at(-1));
    for (let n = 1; n <= 60; n++) await bob.send(conversation, `line ${n}`);
    await page.goto(people.url());
    await expect(unread(listed(page, "bob"))).toContainText("60");
    await listed(page, "bob").click();
    await expect(page.getByRole("log").getByText("line 60", { exact: true })).toHaveCount(1);
    await expect(page.getByRole("log").getByText("line 1", { exact: true })).toHaveCount(0);
    await older(page).click();
    await expect(page.getByRole("log").getByText("line 1", { exact: true })).toHaveCount(1);

    // Nothing pretends to be live.
    await page.goto(`${people.url()}/c/${conversation}`);
    if (how.wasm === false) await expect(page.getByText("could not come alive")).toBeVisible();
    await expect(page.locator("html[data-hydrated]")).toHaveCount(0);
    for (const live of await page.locator(".badge, .menu-button").all()) await expect(live).not.toBeVisible();

    await page.getByRole("button", { name: /mark.*read/i }).filter({ visible: true }).click();
    await back();
    await expect(unread(listed(page, "bob"))).toHaveCount(0);
    await listed(page, "bob").click();
    await page.getByRole("textbox", { name: "Message" }).fill("By a plain form");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(page.getByRole("log").getByText("By a plain form", { exact: true })).toHaveCount(1);
    await page.reload();
    await expect(page.getByRole("log").getByText("By a plain form", { exact: true })).toHaveCount(1);
    expect((await bob.history(conversation)).at(-1)?.content).toBe("By a plain form");
    expect(page.url(), "what is said does not stand in an address").not.toContain("plain");

    await back();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("First name").fill("Anna Maria");
    await page.getByRole("button", { name: "Save" }).first().click();
    await expect(page.locator("#profile").getByRole("status")).toBeVisible();
    await expect(page.locator(".self")).toContainText("Anna Maria");

    await page.goto(people.url());
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.waitForURL(/\/sign-in/);
    await page.goto(`${people.url()}/c/${conversation}`);
    await expect(page).toHaveURL(/\/sign-in/);
    await page.getByLabel("Username").fill("anna");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("log").getByText("By a plain form", { exact: true })).toHaveCount(1);
  });
}

test("P6 the same plain form twice is one message", async ({ people }) => {
  const bob = await people.bot("bob");
  const anna = await people.join("anna", { javaScript: false });
  const conversation = await anna.api.conversation(["bob"]);
  await anna.goes(`/c/${conversation}`);
  const form = anna.page.locator("form", { has: anna.page.getByRole("textbox", { name: "Message" }) });
  const fields = await form.evaluate((form) =>
    [...new FormData(form as HTMLFormElement).entries()].map(([name, value]) => [name, String(value)]),
  );
  const action = (await form.getAttribute("action")) ?? "";
  const body = { ...Object.fromEntries(fields), content: "pressed twice" };
  for (let times = 0; times < 2; times++) {
    const url = new URL(action, people.url()).href;
    const answer = await anna.page.request.post(url, { form: body, headers: { Origin: people.url() } });
    expect(answer.status()).toBeLessThan(400);
  }
  expect((await bob.history(conversation)).map((message) => message.content)).toEqual(["pressed twice"]);
});

test("P6 errors are shown beside their fields, and typed text is kept", async ({ people }) => {
  await people.bot("anna");
  const page = await people.window("anna", { javaScript: false });
  await page.goto(`${people.url()}/sign-in`);
  await page.getByLabel("Username").fill("anna");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("Wrong username or password");
  await expect(page.getByLabel("Username")).toHaveValue("anna");
  await expect(page.getByLabel("Password")).toHaveValue("");
  expect(page.url(), "what was typed does not stand in the address").not.toContain("anna");
  await page.reload();
  await expect(page.getByRole("alert")).toHaveCount(0);

  const wrong = async (fields: Record<string, string>, field: string, why: RegExp) => {
    await page.goto(`${people.url()}/register`);
    for (const [label, text] of Object.entries({ Username: "ben", Password: PASSWORD, ...fields })) {
      await page.getByLabel(label).fill(text);
    }
    await page.getByRole("button", { name: "Register" }).click();
    await expect(page).toHaveURL(/\/register$/);
    await expect(page.getByLabel(field)).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel(field)).toHaveAccessibleDescription(why);
    await expect(page.getByLabel(field)).toBeFocused();
  };
  await wrong({ Username: "x" }, "Username", /3 to 32/);
  await wrong({ Username: "anna" }, "Username", /taken/);
  await wrong({ "First name": "W".repeat(5_000) }, "First name", /80 characters/);
  await wrong({ "Last name": `a${"\u0301".repeat(10_000)}` }, "Last name", /80 characters/);
  await wrong({ "First name": `a${"\u0301".repeat(20)}` }, "First name", /marks/);
  await wrong({ "Last name": "\u202eevil" }, "Last name", /invisible/);
  await wrong({ "First name": "Zoë", Username: "b b" }, "Username", /letters/);
  await expect(page.getByLabel("First name")).toHaveValue("Zoë");
  await page.getByLabel("Username").fill("zoe");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Register" }).click();
  await page.waitForURL(/\/$/);
});

for (const javaScript of [true, false]) {
  test(`P6 F2 the focus is in the next field, ${javaScript ? "with" : "without"} JavaScript`, async ({ people }) => {
    const page = await people.window("anna", { javaScript });
    await page.goto(people.url());
    await expect(page.getByLabel("Username")).toBeFocused();
    await page.getByRole("link", { name: "Register" }).click();
    await expect(page.getByLabel("Username")).toBeFocused();
    await page.keyboard.type("anna");
    await page.getByLabel("Password").fill("short");
    // The browser itself refuses it first; the server does where it is asked.
    await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
    await page.getByRole("button", { name: "Register" }).click();
    await expect(page.getByLabel("Password")).toBeFocused();
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.keyboard.type("anna");
    await page.getByLabel("Password").fill("not the password");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toContainText("Wrong username or password");
    await expect(page.getByLabel("Username")).toHaveValue("anna");
    await expect(page.getByLabel("Password"), "the name stands there again").toBeFocused();
  });
}

test("P6 an unknown page and a foreign host are answered by error pages", async ({ people, server }) => {
  people.watch.expect(/404|421/);
  const page = await people.window("anna");
  expect((await page.goto(`${people.url()}/nowhere`))?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
  await page.getByRole("link", { name: "To your conversations" }).click();
  await expect(page).toHaveURL(/\/sign-in/);

  // A name that leads to this machine, and that the server does not know.
  const foreign = `http://chat.localhost:${server.port}`;
  expect((await page.goto(foreign))?.status()).toBe(421);
  await expect(page.getByRole("heading", { name: "Wrong address" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText(`does not answer to chat.localhost:${server.port}`);
  await expect(page.getByRole("main")).toContainText("RAPPORT_PUBLIC_URL");
  const shown = await page.locator("main .card").evaluate((card) => getComputedStyle(card).borderRadius);
  expect(shown, "the page has its style").not.toBe("0px");
});

test("B4 the longest name does not change the layout at 320 px", async ({ people }) => {
  const widest = "W".repeat(80);
  const anna = await people.join("anna", { first_name: widest, last_name: widest });
  const bob = await people.join("bob", { first_name: widest });
  await anna.page.setViewportSize({ width: 320, height: 640 });
  const group = await anna.api.conversation(["bob"], "W".repeat(120));
  const direct = await anna.api.conversation(["bob"]);
  await bob.api.send(group, "W".repeat(5_000));
  await bob.api.send(direct, "Hello");
  for (const path of ["/", `/c/${group}`, `/c/${direct}`, "/settings", "/new?q=bob", "/new?q=bob&participants=bob"]) {
    await anna.goes(path);
    await anna.isLive();
    const wide = await anna.page.evaluate(() => {
      const inner = innerWidth;
      const over = [...document.querySelectorAll("body *")].filter((element) => {
        const box = element.getBoundingClientRect();
        // Text that ends in "…" is cut off by its container.
        const cut = (box: Element | null): boolean =>
          !!box && (getComputedStyle(box).textOverflow === "ellipsis" || cut(box.parentElement));
        const clipped = element.closest(".visually-hidden") || cut(element.parentElement);
        return !clipped && box.width > 0 && (box.right > inner + 1 || box.left < -1);
      });
      return { page: document.documentElement.scrollWidth - inner, over: over.map((element) => element.outerHTML.slice(0, 80)) };
    });
    expect(wide, path).toEqual({ page: 0, over: [] });
  }
});

for (const next of ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"]) {
  test(`A7 next=${next} goes to /`, async ({ people }) => {
    await people.bot("anna");
    const page = await people.window("anna");
    await page.goto(`${people.url()}/sign-in?next=${encodeURIComponent(next)}`);
    await page.getByLabel("Username").fill("anna");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${people.url()}/`);
  });
}

test("V11 a browser without cookies is told so, and keeps what was typed", async ({ people }) => {
  people.watch.expect(/422/);
  const page = await people.window("anna", { javaScript: false });
  for (const [path, button] of [["/sign-in", "Sign in"], ["/register", "Register"]]) {
    await page.goto(people.url() + path);
    await page.getByLabel("Username").fill("anna");
    await page.getByLabel("Password").fill(PASSWORD);
    // As a browser that stores none.
    await page.context().clearCookies();
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByRole("alert")).toContainText("Allow cookies for this site");
    await expect(page.getByLabel("Username")).toHaveValue("anna");
    await expect(page.getByLabel("Password")).toHaveValue("");
  }
});
