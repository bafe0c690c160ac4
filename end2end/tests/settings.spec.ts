import { PASSWORD } from "../support/api";
import { content, log } from "../support/page";
import { expect, test } from "../support/test";

test("N2 the picture has the chosen colour, before it is saved and afterwards for other people", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await anna.api.send(conversation, "Look at me");
  await bob.opens(conversation);
  await anna.goes("/settings");
  const colour = (page: typeof anna.page, of: string) =>
    page.locator(`${of} .avatar`).first().evaluate((face) => getComputedStyle(face).backgroundColor);
  const before = await colour(anna.page, ".self");
  const other = before === (await swatch("Green")) ? "Pink" : "Green";
  async function swatch(name: string) {
    return anna.page.getByRole("radio", { name }).evaluate((dot) => getComputedStyle(dot).backgroundColor);
  }
  await anna.page.getByRole("radio", { name: other }).check();
  expect(await colour(anna.page, ".self"), "previewed").toBe(await swatch(other));
  await anna.page.getByRole("button", { name: "Save" }).first().click();
  await expect(anna.page.locator("#profile").getByRole("status")).toBeVisible();
  await expect(anna.page.getByRole("radio", { name: other })).toBeChecked();
  await expect.poll(() => colour(bob.page, ".item")).toBe(await swatch(other));
});

test("A3 a sign-in elsewhere is shown with its device and ended from the settings", async ({ people }) => {
  // Requests of the other device are refused from then on, and its browser logs them.
  people.watch.expect(/401 \(Unauthorized\)/);
  const anna = await people.join("anna");
  const elsewhere = await anna.device();
  await elsewhere.isLive();
  await anna.goes("/settings");
  const rows = anna.page.locator(".sign-in");
  await expect(rows.first()).toContainText("This device");
  const other = rows.filter({ hasText: "Chrome on Linux" }).filter({ hasNotText: "This device" });
  await expect(other).toHaveCount(1);
  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(anna.page.locator("#sign-ins").getByRole("status")).toContainText("signed out");
  await expect(elsewhere.page.getByRole("alert")).toContainText("signed out");
  await anna.goes("/settings");
  await anna.page.getByLabel("Current password").fill(PASSWORD);
  await anna.page.getByLabel("New password").fill("another battery");
  await anna.page.getByRole("button", { name: "Change password" }).click();
  await expect(anna.page.locator("#password").getByRole("status")).toContainText("changed");
  await anna.page.getByLabel("Current password").fill("wrong");
  await anna.page.getByLabel("New password").fill("another battery");
  await anna.page.getByRole("button", { name: "Change password" }).click();
  await expect(anna.page.getByLabel("Current password")).toHaveAccessibleDescription(/not right/);
});

test("A3 sign-ins show time, address and program; all others are ended by one button", async ({ people }) => {
  people.watch.expect(/401 \(Unauthorized\)/);
  const anna = await people.join("anna");
  const [first, second] = [await anna.device(), await anna.device()];
  for (const device of [first, second]) await device.isLive();
  await anna.goes("/settings");
  const rows = anna.page.locator(".sign-in");
  const other = rows.filter({ hasNotText: "This device" }).filter({ hasText: "Chrome on Linux" });
  await expect(other).toHaveCount(2);
  await expect(other.first()).toContainText(/127\.0\.0\.1 · Signed in today, \d\d:\d\d/);
  await expect(other.first()).toContainText(/Last used today, \d\d:\d\d/);
  await anna.page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(anna.page.locator("#sign-ins").getByRole("status")).toContainText("All other devices are signed out");
  await expect(rows).toHaveCount(1);
  await expect(anna.page.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
  for (const device of [first, second]) await expect(device.page.getByRole("alert")).toContainText("signed out");
  await anna.reloads();
  await expect(rows.first()).toContainText("This device");
});

test("F2 the appearance applies as soon as it is chosen, and the focus stays at the choice", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.goes("/settings");
  await anna.isLive();
  const page = anna.page;
  await expect(page.getByText("Changes apply at once.")).toBeVisible();
  await expect(page.locator("#appearance").getByRole("button", { name: "Save" })).toBeHidden();
  await page.getByRole("radio", { name: "Dark" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("#appearance").getByRole("status")).toBeVisible();
  await expect(page.getByRole("radio", { name: "Dark" })).toBeFocused();
  await page.getByLabel("Language").selectOption("de");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.getByLabel("Sprache")).toBeFocused();
  await expect(page.getByLabel("Zeitzone").locator("option[value='Europe/Rome']")).toHaveText("Europa/Rom");
  await page.getByLabel("Zeitzone").selectOption("Asia/Kathmandu");
  await expect(page.getByLabel("Zeitzone")).toBeFocused();
  await page.reload();
  await expect(page.getByLabel("Zeitzone")).toHaveValue("Asia/Kathmandu");
  // Nor is it lost where one leaves at once.
  await page.getByLabel("Sprache").selectOption("en");
  await anna.goes("/");
  await expect.poll(async () => (await anna.api.get<{ language: string }>("/api/me")).body.language).toBe("en");
});

test("T7 leaving with an unsaved name asks for confirmation", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  await bob.send(await bob.conversation(["anna"]), "Hello");
  await anna.goes("/settings");
  await anna.isLive();
  const page = anna.page;
  const asked: string[] = [];
  let stay = true;
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    if (stay) await dialog.dismiss();
    else await dialog.accept();
  });
  await page.getByLabel("First name").click();
  await page.keyboard.type("Anna");
  // By a link that the page follows without a load, and by one that is a load.
  await anna.listed("bob").click();
  await expect.poll(() => asked.length).toBe(1);
  await expect(page).toHaveURL(/\/settings/);
  await page.evaluate(() => location.assign("/new"));
  await expect.poll(() => asked).toEqual(["confirm", "beforeunload"]);
  await expect(page.getByLabel("First name")).toHaveValue("Anna");
  // Saved changes need no confirmation.
  await page.locator("#profile").getByRole("button", { name: "Save" }).click();
  await expect(page.locator("#profile").getByRole("status")).toBeVisible();
  await anna.listed("bob").click();
  await anna.sees("Hello");
  expect(asked).toHaveLength(2);
  // And whoever wants to leave does.
  await anna.goes("/settings");
  await page.getByLabel("Last name").click();
  await page.keyboard.type("Ek");
  stay = false;
  await anna.listed("bob").click();
  await anna.sees("Hello");
  expect(asked).toHaveLength(3);
});

test("F2 the chosen theme overrides the system's, on the first paint and after signing out", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const ground = () => anna.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await anna.goes("/settings");
  const light = await ground();
  await anna.page.getByRole("radio", { name: "Dark" }).check();
  await anna.page.locator("#appearance").getByRole("button", { name: "Save" }).click();
  await expect(anna.page.locator("html")).toHaveAttribute("data-theme", "dark");
  const dark = await ground();
  expect(dark).not.toBe(light);
  await anna.goes("/");
  await anna.page.getByRole("button", { name: "Sign out" }).first().click();
  await expect(anna.page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(await ground()).toBe(dark);
});

test("F2 server and browser show the same times in the chosen time zone", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "What time is it?");
  const clock = log(anna.page).locator("time").last();
  const shown = async () => (await clock.textContent())?.trim();
  const here = (zone: string, text: string | null) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" }).format(new Date(text ?? ""));
  await anna.opens(conversation);
  expect(await shown()).toBe(here("Europe/Berlin", await clock.getAttribute("datetime")));
  await anna.goes("/settings");
  await anna.page.getByLabel("Time zone").selectOption("Asia/Kathmandu");
  await expect(anna.page.locator("#appearance").getByRole("status")).toBeVisible();
  // As the server says it, and as the live page does.
  await anna.page.goto(`${people.url()}/c/${conversation}`, { waitUntil: "commit" });
  const served = await anna.page.request.get(`${people.url()}/c/${conversation}`);
  const time = here("Asia/Kathmandu", await clock.getAttribute("datetime"));
  expect(await served.text()).toContain(time);
  await anna.isLive();
  expect(await shown()).toBe(time);
});

test("F2 in German: the browser's language from the first page on", async ({ people }) => {
  const page = await people.window("anna", { locale: "de-AT" });
  await page.goto(`${people.url()}/register`);
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await page.getByLabel("Benutzername").fill("x");
  await page.getByLabel("Passwort").fill(PASSWORD);
  await page.getByRole("button", { name: "Registrieren" }).click();
  await expect(page.getByLabel("Benutzername")).toHaveAccessibleDescription("Ein Benutzername hat 3 bis 32 Zeichen.");
  await page.getByLabel("Benutzername").fill("anna");
  await page.getByLabel("Passwort").fill(PASSWORD);
  await page.getByRole("button", { name: "Registrieren" }).click();
  await expect(page.getByRole("heading", { name: "Noch keine Unterhaltungen" })).toBeVisible();
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
  await expect(page.getByRole("heading", { name: "Noch keine Unterhaltungen" }), "in the browser too").toBeVisible();
});

test("F2 in Arabic: right to left, Latin text left to right", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "Hello (world)!");
  await bob.send(conversation, "مرحبا");
  await anna.goes("/settings");
  await anna.page.getByLabel("Language").selectOption("ar");
  await expect(anna.page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(anna.page.locator("html")).toHaveAttribute("lang", "ar");
  await anna.opens(conversation);
  const box = async (of: ReturnType<typeof log>) => (await of.boundingBox()) ?? { x: 0, width: 0 };
  const [side, main] = [await box(anna.page.locator("nav.list")), await box(anna.page.getByRole("main"))];
  expect(side.x, "the list stands at the right").toBeGreaterThanOrEqual(main.x + main.width - 1);
  // The full stop of a Latin line stands at its right end, so its first letter is left of it.
  const edges = await content(log(anna.page))
    .filter({ hasText: "Hello" })
    .evaluate((element) => {
      const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode() as Text;
      const at = (from: number) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, from + 1);
        return range.getBoundingClientRect().x;
      };
      return [at(0), at(text.data.trimEnd().length - 1)];
    });
  expect(edges[0]).toBeLessThan(edges[1]);
});

test("V-zone times follow a device that travels, unless a zone was chosen", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "Where are you?");
  await anna.opens(conversation);
  const time = anna.message("Where are you?").locator("time");
  const sent = new Date((await time.getAttribute("datetime")) ?? "");
  const clock = (timeZone: string) => new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(sent);
  // Without summer time, so that one offset holds for all times.
  for (const [timeZone, minutes] of [["Asia/Kathmandu", 345], ["America/Phoenix", -420]] as const) {
    await anna.page.evaluate(
      ([timeZone, minutes]) => {
        const { resolvedOptions } = Intl.DateTimeFormat.prototype;
        Intl.DateTimeFormat.prototype.resolvedOptions = function () {
          return { ...resolvedOptions.call(this), timeZone };
        };
        Date.prototype.getTimezoneOffset = () => -minutes;
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      },
      [timeZone, minutes] as const,
    );
    await expect(time).toHaveText(clock(timeZone));
  }
});
