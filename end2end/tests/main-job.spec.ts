import { test } from "../support/test";

test("the main job: two people talk across a kill -9 and across a blocked and freed socket [T1 P3 P4]", async ({
  network,
  proxied: people,
  server,
}) => {
  test.setTimeout(120_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.join("bob", { phone: true });
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  const stay = [await anna.staysOnThePage(), await bob.staysOnThePage()];
  const said: string[] = [];
  const says = async (who: typeof anna, text: string) => (await who.says(text), said.push(text));

  await says(anna, "Good morning");
  await bob.seesExactly(said);
  await says(bob, "Good morning, Anna");
  await anna.seesExactly(said);

  await server.kill();
  // Both go on typing: nothing of it is lost, and it goes out once.
  await says(anna, "Are you still there?");
  await anna.sees("Are you still there?");
  await server.start();
  await anna.knowsSent("Are you still there?");
  await bob.seesExactly(said);
  await says(bob, "Yes, it was only the server");
  await anna.seesExactly(said);

  network.sockets("refuse");
  await anna.isAt("polling", 30_000);
  await bob.isAt("polling", 30_000);
  await says(anna, "Now by other ways");
  await bob.seesExactly(said);
  await says(bob, "The same to me");
  await anna.seesExactly(said);

  await network.heal();
  await anna.isAt("connected", 40_000);
  await bob.isAt("connected", 40_000);
  await says(bob, "And back");
  await anna.seesExactly(said);
  await says(anna, "As if nothing had been");
  await bob.seesExactly(said);

  for (const stays of stay) await stays();
  await anna.seesAllOf(conversation);
  await bob.seesAllOf(conversation);
  await anna.reloads();
  await bob.reloads();
  await anna.seesExactly(said);
  await bob.seesExactly(said);
});
