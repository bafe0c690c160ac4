import { join } from "node:path";
import { test } from "../support/test";

// Not a test: the picture of the README, made by tools/screenshot.
test("picture", async ({ people }) => {
  const anna = await people.join("anna", { first_name: "Anna", last_name: "Ek" });
  const bob = await people.join("bob", { first_name: "Bob", last_name: "Lind", phone: true });
  const carol = await people.bot("carol");
  const dave = await people.bot("dave");
  await carol.send(await carol.conversation(["anna", "bob", "dave"], "Summer house"), "I bring the boat.");
  await dave.send(await dave.conversation(["anna"]), "Thank you, that was quick!");
  await dave.send(await dave.conversation(["bob"]), "See you on Friday");
  await anna.opens(bob);
  await bob.opens(anna);
  for (const [who, text] of [
    [anna, "Good morning! Has the parcel arrived?"],
    [bob, "Good morning, Anna. Not yet."],
    [bob, "They say it is on the train, and the train is in a tunnel."],
    [anna, "Then everything that is in it will come out at the other end. In order, and once."],
    [bob, "That would be new for the railway."],
    [anna, "It would 🙂"],
  ] as const) {
    await who.says(text);
    await (who === anna ? bob : anna).sees(text);
  }
  await bob.types("I shall write as soon as");
  await anna.seesTyping(bob);
  const [wide, narrow] = await Promise.all([anna, bob].map((person) => person.page.screenshot({ type: "png" })));

  const both = await people.window("both");
  await both.setViewportSize({ width: 1600, height: 840 });
  const image = (bytes: Buffer, height: number) =>
    `<img height=${height} src="data:image/png;base64,${bytes.toString("base64")}">`;
  await both.setContent(`
    <style>
      body { margin: 0; height: 100vh; display: flex; gap: 40px; align-items: center; justify-content: center; background: #e9ecf1 }
      img { border-radius: 14px; box-shadow: 0 8px 32px #0003 }
    </style>${image(wide, 720)}${image(narrow, 720)}`);
  await both.screenshot({ path: join(__dirname, "../../docs/rapport.png") });
});
