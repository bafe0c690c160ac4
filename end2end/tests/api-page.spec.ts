import { found, SIZES } from "../support/axe";
import { expect, test } from "../support/test";

test("X1 the page of the HTTP API shows operations and schemas, in every size and theme", async ({ people }) => {
  // The page is long, and axe looks at all of it.
  test.slow();
  const page = await people.window("reader");
  await page.goto(`${people.url()}/api`);
  const operation = page.locator("details").filter({ hasText: "POST /api/conversations/{id}/messages" }).first();
  await operation.locator("summary").click();
  await operation.getByRole("link", { name: "SendMessage" }).click();
  const schema = page.locator("#schema-SendMessage");
  await expect(schema).toBeInViewport();
  await expect(schema.getByRole("rowheader", { name: "content" })).toBeVisible();
  for (const viewport of Object.values(SIZES)) {
    await page.setViewportSize(viewport);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect.soft(sideways, `wider than ${viewport.width}`).toBe(false);
  }
  // In every size and theme.
  expect(await found(page)).toEqual([]);
});
