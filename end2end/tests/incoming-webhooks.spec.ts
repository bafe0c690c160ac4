import { found } from "../support/axe";
import { PARTS } from "../support/page";
import { expect, test } from "../support/test";

for (const phone of [false, true]) {
  test(`X3 an owner creates an incoming webhook, a program posts by it as a bot, and it is revoked${phone ? " (phone)" : ""}`, async ({ people }) => {
    const anna = await people.join("anna", { phone });
    const bob = await people.join("bob");
    const group = await anna.api.conversation(["bob"], "Releases");
    await anna.opens(group);
    await anna.page.locator(`${PARTS.head} a`).click();
    await anna.page.getByRole("link", { name: "Incoming webhooks" }).click();
    await anna.page.getByLabel("Name of the bot").fill("Build");
    await anna.page.getByRole("button", { name: "Create webhook" }).click();
    const url = await anna.page.getByLabel("URL of the webhook").inputValue();
    const posted = async () => (await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ content: "All tests pass." }) })).status;
    expect(await posted()).toBe(201);

    if (!phone) expect(await found(anna.page)).toEqual([]);

    await bob.opens(group);
    await bob.sees("All tests pass.");
    await expect(bob.page.getByRole("log").locator(".bot-badge").first()).toBeVisible();

    await expect(anna.page.getByText("Build", { exact: true })).toBeVisible();
    await anna.page.getByText("Revoke", { exact: true }).click();
    await anna.page.getByRole("button", { name: "Revoke webhook" }).click();
    await expect(anna.page.getByText("Build", { exact: true })).toHaveCount(0);
    expect(await posted()).toBe(404);
  });
}
