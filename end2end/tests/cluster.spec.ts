import { test as base, expect } from "@playwright/test";
import { Cluster, missing } from "../support/cluster";
import { People } from "../support/people";
import { ROOM } from "../support/test";
import { until } from "../support/until";

const why = missing();

const test = base.extend<{ cluster: Cluster; people: People }>({
  cluster: async ({}, use, info) => {
    const cluster = new Cluster();
    await cluster.start(ROOM);
    await use(cluster);
    for (const [n, node] of cluster.nodes.entries()) {
      if (info.status !== info.expectedStatus) await info.attach(`log of node ${n + 1}`, { body: node.log });
      expect(node.log, "a node must not panic").not.toContain("panicked at");
    }
    await cluster.remove();
  },

  people: async ({ browser, cluster }, use) => {
    const people = new People(browser, () => cluster.url);
    await use(people);
    await people.leave();
    expect(people.watch.problems, "errors that pages reported").toEqual([]);
  },
});

test.skip(!!why, why);
test.setTimeout(120_000);

test("R2: people on two nodes behind nginx talk, see each other, and continue when a node is killed", async ({ cluster, people }) => {
  const anna = await people.join("anna", { cookie: { name: "node", value: "1" } });
  const bob = await people.join("bob", { cookie: { name: "node", value: "2" } });
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  expect([await cluster.sockets(0), await cluster.sockets(1)], "one socket at each node").toEqual([1, 1]);

  await expect(anna.page.getByRole("main").locator("header")).toContainText("Online");
  await anna.says("Are you there?");
  await bob.sees("Are you there?");
  await expect(anna.message("Are you there?")).toHaveAttribute("data-state", "read");
  await bob.types("Yes");
  await anna.seesTyping(bob);
  await bob.says(" I am");
  await anna.sees("I am");
  await expect(bob.message("I am")).toHaveAttribute("data-state", "read");

  people.watch.expectBrokenLink();
  const [annas, bobs] = [await anna.staysOnThePage(), await bob.staysOnThePage()];
  await cluster.nodes[1].kill();
  await bob.says("Said while my node is dead");
  await anna.says("And I go on");
  await anna.sees("Said while my node is dead");
  await bob.sees("And I go on");
  await bob.isAt("connected", 20_000);
  await until(async () => (await cluster.sockets(0)) === 2, "both sockets at the node that is left");
  await anna.types("Hm");
  await bob.seesTyping(anna);

  await cluster.nodes[1].start();
  await anna.says("All nodes are there again");
  await bob.sees("All nodes are there again");
  await anna.seesAllOf(conversation);
  await bob.seesAllOf(conversation);
  await annas();
  await bobs();
});
