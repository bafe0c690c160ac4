import { chromium, firefox } from "../engines/puppeteer";
import { User } from "../engines/user";
import { webkit } from "../engines/webkit";
import { Api } from "../support/api";
import { expect, test } from "../support/test";

// What an engine says by itself when the network is taken away, or when a page is left that is still loading, each in
// its own words.
const NETWORK =
  /net::ERR_|WebSocket|\bws:\/\/|Failed to load resource|Network ?[Ee]rror|Failed to fetch|Load failed|connection was lost|AbortError: The operation was aborted/;

for (const kind of [chromium, firefox, webkit]) {
  test(`F1 P2 P4 T1 T2 T3 T9 one dialogue in ${kind.name}`, async ({ network, server }, info) => {
    const missing = kind.missing();
    test.skip(!!missing, `${kind.name} is not tested: ${missing}`);
    test.setTimeout(240_000);

    const engine = await kind.start();
    const users: User[] = [];
    try {
      const anna = new User("anna", await engine.window(), network.url);
      users.push(anna);
      const bob = new User("bob", await engine.window(), network.url);
      users.push(bob);
      await dialogue(anna, bob, network, new Api(() => server.url));
      for (const { name, window } of users) {
        const problems = window.errors().filter((text) => !NETWORK.test(text));
        expect(problems, `errors in ${name}'s console`).toEqual([]);
      }
    } catch (error) {
      for (const { name, window } of users) {
        const body = await window.screenshot().catch(() => undefined);
        if (body) await info.attach(`${name}'s window`, { body, contentType: "image/png" });
      }
      throw error;
    } finally {
      await engine.close();
    }
  });
}

/** Two people meet, talk, lose the line and read back: in any engine. */
async function dialogue(anna: User, bob: User, network: { cut(): Promise<void>; heal(): Promise<void> }, api: Api) {
  await anna.registers();
  await bob.registers();
  await anna.finds("bob");
  await anna.says("Good morning, Bob.");
  await bob.opens("anna");

  await bob.sees("Good morning, Bob.");
  await anna.sees("Good morning, Bob.", ["read"]);
  await bob.types("Good morning");
  await anna.seesTyping("bob");
  await bob.types(", Anna ☺");
  await bob.sends();
  await anna.sees("Good morning, Anna ☺");
  await bob.sees("Good morning, Anna ☺", ["read"]);

  await network.cut();
  await anna.isToldOfTheLostLine();
  await anna.says("Written in the dark");
  await anna.sees("Written in the dark", ["pending"]);
  await network.heal();
  await anna.isAt("connected", 60_000);
  await bob.isAt("connected", 60_000);
  const said = ["Good morning, Bob.", "Good morning, Anna ☺", "Written in the dark"];
  await bob.sees("Written in the dark");
  await anna.sees("Written in the dark", ["sent", "delivered", "read"]);
  expect(await bob.texts()).toEqual(said);
  expect(await anna.texts()).toEqual(said);

  await api.signIn("bob");
  const conversation = await api.conversation(["anna"]);
  for (let n = 1; n <= 120; n++) said.push((await api.send(conversation, `Line ${n}`)).content);
  await anna.sees("Line 120");
  await anna.reloads();
  await anna.pagesBackTo("Good morning, Bob.");
  expect(await anna.texts(), "each message once, in order").toEqual(said);
  await anna.jumpsToTheLatest("Line 120");
}
