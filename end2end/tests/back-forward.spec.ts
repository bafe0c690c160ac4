import config from "../playwright.config";
import { upToDate } from "../support/back";
import { composer } from "../support/page";
import { expect, test } from "../support/test";

// The way back, in a browser that keeps pages for it as browsers do (automation usually switches that off).
test.use({
  launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ["--disable-back-forward-cache"] },
});

test("A3 F11 Back shows nothing after a sign-out", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "between us");
  await anna.opens(conversation);
  await anna.sees("between us");
  await anna.page.getByRole("button", { name: "Sign out" }).click();
  await anna.page.waitForURL(/\/sign-in$/);
  await anna.page.goBack({ waitUntil: "commit" });
  await expect(anna.page).toHaveURL(/\/sign-in/);
  await expect(anna.page.getByLabel("Password")).toBeVisible();
  await expect(anna.page.getByText("between us")).toHaveCount(0);
});

test("F11 back from another page: up to date in 2 seconds, with the typed text", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "before");
  await anna.opens(conversation);
  await anna.types("half a");
  await anna.page.getByRole("link", { name: "Settings" }).click();
  await anna.page.waitForURL(/\/settings$/);
  await bob.send(conversation, "while it was away");
  await anna.page.goBack({ waitUntil: "commit" });
  await upToDate(anna, ["before", "while it was away"]);
  await anna.isLive();
  await expect(composer(anna.page)).toHaveValue("half a");
  await anna.seesExactly(["before", "while it was away"]);
});
