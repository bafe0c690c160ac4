import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Api, PASSWORD } from "../support/api";
import * as ui from "../support/page";
import type { Person } from "../support/people";
import { type Server, run } from "../support/server";
import { expect, test } from "../support/test";

// A community as it is imported from another chat: one person has most of its conversations, in five scripts.

/** The generator; it is built beside the servers for tests. */
const GENERATOR = join(dirname(process.env.E2E_TEST_SERVERS ?? join(__dirname, "../../target/debug/test-servers")), "bench");
const MAIN = "mira.lang";
const MANY = 300;
const SIZE = ["--people", "80", "--conversations", "400", "--conversations-of-one", String(MANY), "--messages", "6000"];

interface Listed {
  id: number;
  unread: number;
  members: { user: { id: number; username: string; first_name: string } }[];
}

/** Imports the community beside the running server, and gives passwords to these people. */
async function community(server: Server, ...people: string[]): Promise<void> {
  const file = join(server.data, "community.jsonl");
  const settings = { RAPPORT_DATA: server.data };
  const made = await run(["community", "--out", file, ...SIZE], {}, { path: GENERATOR });
  expect(made.code, made.said).toBe(0);
  const imported = await run(["import", file], settings);
  expect(imported.code, imported.said).toBe(0);
  for (const person of people) {
    const set = await run(["user", "password", person], settings, { input: `${PASSWORD}\n` });
    expect(set.code, set.said).toBe(0);
  }
}

/** All conversations of the list, page after page. */
async function all(api: Api): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await api.get<{ conversations: Listed[]; next?: string }>(`/api/conversations?limit=100${cursor}`);
    found.push(...body.conversations);
    if (!body.next) return found;
    cursor = `&cursor=${body.next}`;
  }
}

const items = (person: Person) => ui.list(person.page).locator(".item");

for (const phone of [false, true]) {
  test(`R7 C2 N1 the main job: a person with ${MANY} imported conversations, ${phone ? "on a phone" : "on a desktop"}`, async ({ people, server }) => {
    test.setTimeout(180_000);
    test.skip(!existsSync(GENERATOR), `no ${GENERATOR}: cargo build -p bench`);
    await community(server, MAIN);
    const mira = await people.comes(MAIN, { phone });
    await mira.isLive();
    const conversations = await all(mira.api);
    expect(conversations).toHaveLength(MANY);

    // The first page is there; the rest comes while the list is scrolled.
    expect(await items(mira).count()).toBeLessThan(MANY / 2);
    await expect(async () => {
      await ui.list(mira.page).evaluate((list) => (list.scrollTop = list.scrollHeight));
      await expect(items(mira)).toHaveCount(MANY, { timeout: 500 });
    }).toPass();
    const hrefs = await items(mira).evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    expect(hrefs).toEqual(conversations.map(({ id }) => `/c/${id}`));
    await ui.list(mira.page).evaluate((list) => (list.scrollTop = 0));

    // By a name that is not Latin.
    const name = conversations
      .flatMap(({ members }) => members.map(({ user }) => user.first_name))
      .find((name) => /^[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hangul}\p{Script=Devanagari}]{2,}$/u.test(name));
    expect(name, "a name in another script").toBeDefined();
    const filter = mira.page.getByRole("searchbox", { name: "Filter by name" });
    await filter.fill(name!);
    await expect(async () => {
      const left = await items(mira).count();
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(MANY);
    }).toPass();
    await filter.fill("");
    await expect(items(mira)).toHaveCount(MANY);

    // One unread message after another, as people do; then a message of somebody moves its row to the top, and the rest stays.
    const unread = conversations.filter(({ unread }) => unread > 0);
    expect(unread.length, "unread conversations").toBeGreaterThan(0);
    await mira.opens(unread[0].id);
    await expect(ui.rows(mira.page).first()).toBeVisible();
    await expect(ui.unread(ui.row(mira.page, unread[0].id))).toHaveCount(0);
    if (phone) await mira.page.getByRole("link", { name: "Back to the list" }).tap();

    const last = conversations.at(-1)!;
    const other = last.members.find(({ user }) => user.username !== MAIN)!.user.username;
    const set = await run(["user", "password", other], { RAPPORT_DATA: server.data }, { input: `${PASSWORD}\n` });
    expect(set.code, set.said).toBe(0);
    const friend = new Api(() => server.url);
    await friend.signIn(other);
    const place = 40;
    const seen = items(mira).nth(place);
    await seen.scrollIntoViewIfNeeded();
    const href = await seen.getAttribute("href");
    const top = async () => (await ui.list(mira.page).locator(`.item[href="${href}"]`).boundingBox())!.y;
    const before = await top();
    await friend.send(last.id, "after all these years");
    await expect(items(mira).first()).toHaveAttribute("href", `/c/${last.id}`);
    await expect.poll(async () => Math.abs((await top()) - before), "the reader's place in the list").toBeLessThan(2);

    await ui.list(mira.page).evaluate((list) => (list.scrollTop = 0));
    await mira.opens(last.id);
    await mira.sees("after all these years");
    await mira.says("It has been long");
    await mira.knowsSent("It has been long");
  });
}
