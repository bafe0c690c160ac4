import { list } from "../support/page";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

const EVIL = `</script><script>window.owned = 1</script><img src=x onerror="window.owned = 1">`;
const MORE = `<a href="javascript:window.owned=1">x</a> {{7*7}} &lt;b&gt; <!--`;

async function isUnharmed(person: Person) {
  expect(await person.page.evaluate(() => "owned" in window), "a script ran").toBe(false);
  await expect(person.page.getByRole("log").locator("img, script, a[href]:not([href^='/c/'])")).toHaveCount(0);
}

// The watch fails the test at any violation of the Content-Security-Policy: it must not even be needed.
test("B3 a script in message, name and title stays text: in the page, live and polled", async ({ network, proxied: people }) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const mallory = await people.join("mallory", { first_name: EVIL, last_name: MORE });
  const group = await mallory.api.conversation(["anna"], EVIL);
  const direct = await mallory.api.conversation(["anna"]);
  await mallory.api.send(group, EVIL);
  await mallory.api.send(direct, MORE);

  await anna.loads(group); // served
  await anna.seesExactly([EVIL]);
  await isUnharmed(anna);
  await expect(list(anna.page)).toContainText(EVIL);

  await mallory.api.send(group, `live ${EVIL}`);
  await mallory.api.send(group, MORE);
  await anna.seesExactly([EVIL, `live ${EVIL}`, MORE]);
  await isUnharmed(anna);

  network.sockets("refuse");
  await anna.isAt("polling", 30_000);
  await mallory.api.send(group, `polled ${EVIL}`);
  await anna.sees(`polled ${EVIL}`);
  await isUnharmed(anna);

  await anna.goes("/");
  await expect(list(anna.page)).toContainText(MORE);
  expect(await anna.page.evaluate(() => "owned" in window)).toBe(false);
});

test("B3 a script stays text without JavaScript, too", async ({ people }) => {
  const anna = await people.join("anna", { javaScript: false });
  const mallory = await people.join("mallory", { first_name: EVIL });
  const group = await mallory.api.conversation(["anna"], EVIL);
  await mallory.api.send(group, EVIL);
  await anna.goes(`/c/${group}`);
  await expect(anna.page.getByRole("log")).toContainText(EVIL);
  await expect(anna.page.getByRole("log").locator("img, script")).toHaveCount(0);
});
