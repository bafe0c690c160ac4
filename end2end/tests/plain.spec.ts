import { PASSWORD } from "../support/api";
import { listed, older } from "../support/page";
import { expect, test } from "../support/test";

test("P6 without JavaScript: register, list, read, page back, send, sign out, sign in", async ({ people }) => {
  test.setTimeout(120_000);
  const bob = await people.bot("bob");
  const page = await people.window("anna", { javaScript: false });
  await page.goto(`${people.url()}/register`);
  await page.getByLabel("Username").fill("anna");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Register" }).click();
  await page.waitForURL(/\/$/);

  const conversation = await bob.conversation(["anna"]);
  for (let n = 1; n <= 60; n++) await bob.send(conversation, `line ${n}`);
  await page.goto(people.url());
  await listed(page, "bob").click();
  await expect(page.getByText("line 60", { exact: true })).toHaveCount(1);
  await expect(page.getByText("line 1", { exact: true })).toHaveCount(0);
  await older(page).click();
  await expect(page.getByText("line 1", { exact: true })).toHaveCount(1);

  await page.goto(`${people.url()}/c/${conversation}`);
  await page.getByRole("textbox", { name: "Message" }).fill("By a plain form");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByRole("log").getByText("By a plain form", { exact: true })).toHaveCount(1);
  await page.reload();
  await expect(page.getByRole("log").getByText("By a plain form", { exact: true })).toHaveCount(1);
  expect((await bob.history(conversation)).at(-1)?.content).toBe("By a plain form");
  expect(page.url(), "what is said does not stand in an address").not.toContain("plain");

  await page.getByRole("button", { name: "Sign out" }).first().click();
  await page.waitForURL(/\/sign-in/);
  await page.goto(`${people.url()}/c/${conversation}`);
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel("Username").fill("anna");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("log").getByText("By a plain form", { exact: true })).toHaveCount(1);
});

test("P6 the same plain form twice is one message", async ({ people }) => {
  const bob = await people.bot("bob");
  const anna = await people.join("anna", { javaScript: false });
  const conversation = await bob.conversation(["anna"]);
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

test("P6 a wrong password is said in words", async ({ people }) => {
  await people.bot("anna");
  const page = await people.window("anna", { javaScript: false });
  await page.goto(`${people.url()}/sign-in`);
  await page.getByLabel("Username").fill("anna");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  expect(page.url(), "what was typed does not stand in the address").not.toContain("password");
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
