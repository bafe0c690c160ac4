import { type Change, lines, watchChanges } from "../support/changes";
import { listed, rows, typing } from "../support/page";
import type { People, Person } from "../support/people";
import { Sockets } from "../support/sockets";
import { expect, test } from "../support/test";
import type { Api } from "../support/api";

// Each frame changes only the nodes that show its contents; the others keep their focus, selection and IME composition.

const MESSAGES = 30;

/** Rows that were rendered by the server, and rows that were rendered by the browser. */
const WAYS = ["loaded", "opened from the list"] as const;
type Way = (typeof WAYS)[number];

interface Scene {
  anna: Person;
  bob: Api;
  sockets: Sockets;
  conversation: number;
  /** The nine others. */
  rooms: number[];
  /** Anna's own messages, the last ones of the conversation. */
  own: string[];
  changes: () => Promise<Change[]>;
}

/** Ten conversations in the list; the open one has 30 messages and is the last of the list. */
async function scene(people: People, way: Way): Promise<Scene> {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const carol = await people.bot("carol");
  const conversation = await bob.conversation(["anna"]);
  const own = Array.from({ length: 5 }, (_, n) => `Own ${n + 1}`);
  for (let n = 1; n <= MESSAGES - own.length; n++) await bob.send(conversation, `Line ${n}`);
  await anna.api.post(`/api/conversations/${conversation}/read`, {});
  for (const text of own) await anna.api.send(conversation, text);
  const rooms: number[] = [];
  for (let n = 1; n <= 9; n++) {
    const room = await carol.conversation(["anna", "bob"], `Room ${n}`);
    await carol.send(room, `In room ${n}`);
    await anna.api.post(`/api/conversations/${room}/read`, {});
    rooms.push(room);
  }
  const sockets = await Sockets.open(people, { bob });
  if (way === "opened from the list") await anna.opens(conversation);
  else await anna.loads(conversation);
  await expect(rows(anna.page)).toHaveCount(MESSAGES);
  await expect(listed(anna.page, "Room")).toHaveCount(9);
  // The notice that Bob joined stands in the typing line for some seconds.
  await expect(typing(anna.page)).not.toContainText("bob");
  await expect(anna.page.locator(".head")).toContainText("Online");
  const changes = await watchChanges(anna);
  await changes();
  return { anna, bob, sockets, conversation, rooms, own, changes };
}

const others = (changes: Change[], ...allowed: string[]) => lines(changes.filter(({ where }) => !allowed.includes(where)));

for (const way of WAYS) {
  test(`C2 T3 a typing frame changes only the typing line, the head, the list row and the announcer (conversation ${way})`, async ({ people }) => {
    const { anna, sockets, conversation, rooms, changes } = await scene(people, way);
    const places = ["typing", "head", "announcer", `item /c/${conversation}`];
    await sockets.types("bob", conversation);
    await expect(typing(anna.page)).toContainText("bob is typing…");
    await expect(listed(anna.page, "bob").locator(".preview")).toContainText("typing…");
    const begun = await changes();
    expect(begun.map(({ where }) => where)).toEqual(expect.arrayContaining(["typing", "head", `item /c/${conversation}`]));
    expect(others(begun, ...places), "when typing begins").toEqual([]);

    // A repeated frame changes nothing (the announcer is delayed on purpose); typing elsewhere changes one row of the list.
    await sockets.types("bob", conversation);
    await sockets.types("bob", rooms[3]);
    await expect(listed(anna.page, "Room 4").locator(".preview")).toContainText("typing…");
    expect(others(await changes(), "announcer", `item /c/${rooms[3]}`), "while typing goes on").toEqual([]);

    await sockets.types("bob", conversation, false);
    await anna.seesNobodyTyping(2_000);
    await expect(listed(anna.page, "bob").locator(".preview")).toContainText("Own 5");
    expect(others(await changes(), ...places), "when typing ends").toEqual([]);
    // In the head only the words under the name change.
    await sockets.types("bob", conversation);
    await expect(anna.page.locator(".head")).toContainText("typing…");
    const head = (await changes()).filter(({ where }) => where === "head");
    expect(lines(head.filter(({ element }) => /^(h1|a|button|header)$/.test(element.tag))), "in the head").toEqual([]);
  });

  test(`C2 T2 a read receipt changes only state, ticks and label of the rows that were read (conversation ${way})`, async ({ people }) => {
    const { anna, bob, conversation, own, changes } = await scene(people, way);
    const history = await bob.history(conversation);
    const read = own.slice(0, 3);
    const last = history.find((message) => message.content === read[2])!;
    await bob.post(`/api/conversations/${conversation}/read`, { message_id: last.id });
    for (const text of read) await expect(anna.message(text)).toHaveAttribute("data-state", "read");
    for (const text of own.slice(3)) await expect(anna.message(text)).not.toHaveAttribute("data-state", "read");
    const all = await changes();
    const concerned = history.filter((message) => read.includes(message.content)).map((message) => `row ${message.client_id}`);
    expect(others(all, ...concerned), "outside of the rows that were read").toEqual([]);
    const allowed = ({ what, path, element }: Change) =>
      (what === "attribute data-state" && element.client !== "") ||
      // Texts and titles change; elements stay.
      (/^(attribute title|text)$/.test(what) && /\.ticks|\.visually-hidden/.test(path));
    expect(lines(all.filter((change) => !allowed(change))), "within those rows").toEqual([]);
    expect(new Set(all.map(({ where }) => where)), "every one of those rows").toEqual(new Set(concerned));
  });

  test(`C2 T1 an incoming message adds one row and changes only the row before and the list row (conversation ${way})`, async ({ people }) => {
    const { anna, bob, conversation, changes } = await scene(people, way);
    for (const text of ["First after Anna's", "Second, of the same group"]) {
      const before = (await bob.history(conversation)).at(-1)!;
      const message = await bob.send(conversation, text);
      await anna.sees(text);
      await expect(listed(anna.page, "bob").locator(".preview")).toContainText(text);
      await expect(listed(anna.page, "").first()).toContainText(text);
      await anna.seesUnread("bob", 0);
      const all = await changes();
      const item = `item /c/${conversation}`;
      const rest = all.filter(({ where, what, element }) => {
        // The message is unread for a moment: title, favicon and bell show it, and the head offers to mark it as read.
        if ([item, "title", "favicon", "bell", "mark as read"].includes(where)) return false;
        // The conversation moves to the top.
        if (where === "list") return !(/^(added|removed) li$/.test(what) && element.href === `/c/${conversation}`);
        if (where === "log") return !(what === "added li" && element.client === message.client_id);
        // The row before may no longer be the last of its group.
        if (where === `row ${before.client_id}`) return what !== "attribute class";
        return where !== `row ${message.client_id}`;
      });
      expect(lines(rest), text).toEqual([]);
      const added = all.filter(({ where, what }) => where === "log" && what.startsWith("added"));
      expect(lines(added), "one row").toHaveLength(1);
    }
  });
}

test("C2 C5 a change of one's own state on another device changes only its row", async ({ people }) => {
  const { anna, rooms, changes } = await scene(people, "loaded");
  const row = listed(anna.page, "Room 4");
  const place = `item /c/${rooms[3]}`;
  const change = (body: object) => anna.api.patch(`/api/conversations/${rooms[3]}/me`, body);
  await change({ muted_until: "9999-12-31T23:59:59Z" });
  await expect(row).toContainText("Muted");
  expect(others(await changes(), place), "muted").toEqual([]);
  await change({ muted_until: null, draft: "so far" });
  await expect(row.locator(".preview")).toContainText("so far");
  expect(others(await changes(), place), "with a draft").toEqual([]);
  await change({ draft: null, unread: true });
  await expect(anna.page).toHaveTitle(/^\(1\)/);
  expect(others(await changes(), place, "title"), "marked as unread").toEqual([]);
});
