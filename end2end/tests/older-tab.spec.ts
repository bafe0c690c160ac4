import type { WebSocketRoute } from "@playwright/test";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

// A tab that was loaded before the server was replaced by a newer one: that may say things which the tab does not know.

interface Frame {
  type: string;
  [field: string]: unknown;
}

/** What stands in the place of a frame on its way to the page. */
type Rewrite = (frame: Frame) => string[];

const asItIs: Rewrite = (frame) => [JSON.stringify(frame)];
/** A message is told of, but one of its fields is missing. */
const broken =
  (text: string): Rewrite =>
  (frame) => {
    const message = frame.message as { content?: string; id?: number } | undefined;
    if (frame.type !== "new_message" || message?.content !== text) return asItIs(frame);
    return [JSON.stringify({ ...frame, message: { ...message, id: undefined } })];
  };

/** What no client of today has ever heard of. */
const UNKNOWN: Record<string, (conversation: number) => string> = {
  "an unknown type": (conversation) => JSON.stringify({ type: "reaction_added", conversation_id: conversation, message_id: 1, reaction: { kind: "👍", by: [1, 2] } }),
  "an unknown type without anything": () => JSON.stringify({ type: "party" }),
  "a known frame without its fields": (conversation) => JSON.stringify({ type: "typing", conversation_id: conversation }),
  "a message without its text": (conversation) => JSON.stringify({ type: "new_message", conversation_id: conversation, rev: 1, message: { id: 1 } }),
  "a known frame with fields of other types": () => JSON.stringify({ type: "message_read", conversation_id: "seven", message_id: null, reader_id: {}, seq: [1] }),
  "a frame without a type": () => JSON.stringify({ kind: "typing" }),
  "JSON that is no object": () => "[1, 2, 3]",
  "text that is not JSON": () => "<html>Bad gateway</html>",
  "half a frame": () => '{"type":"new_message","conversation_id":1,"me',
  "nothing": () => "",
};

/** Additions to every frame, and to every message and person in it. */
const extended: Rewrite = (frame) => {
  const more = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(more);
    if (typeof value !== "object" || value === null) return value;
    const inner = Object.fromEntries(Object.entries(value).map(([name, value]) => [name, more(value)]));
    return { future: { is: ["here", 1, null] }, ...inner, another_one: true };
  };
  return [JSON.stringify(more(frame))];
};

/** Stands between the page and the server's socket. */
class Older {
  rewrite: Rewrite = asItIs;
  private route?: WebSocketRoute;

  /** Before the page is loaded. */
  static async tab(person: Person): Promise<Older> {
    const older = new Older();
    await person.page.routeWebSocket(/\/ws\//, (route) => {
      older.route = route;
      const server = route.connectToServer();
      server.onMessage((text) => older.rewrite(JSON.parse(String(text))).forEach((text) => route.send(text)));
    });
    return older;
  }

  /** Says it to the page, as if the server did. */
  say(text: string): void {
    this.route?.send(text);
  }
}

for (const [what, frame] of Object.entries(UNKNOWN)) {
  test(`P4 an older tab hears ${what} by its socket: it goes on living`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    await bob.send(conversation, "before");
    const older = await Older.tab(anna);
    await anna.loads(conversation);
    const stays = await anna.staysOnThePage();
    for (let times = 0; times < 3; times++) older.say(frame(conversation));
    await bob.send(conversation, "after");
    await anna.seesExactly(["before", "after"]);
    older.say(frame(conversation));
    await anna.says("and the way out");
    await anna.knowsSent("and the way out");
    await anna.isAt("connected");
    await stays();
    await anna.seesAllOf(conversation);
  });
}

test("P4 an older tab hears frames with additions: it takes what it knows", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await bob.api.conversation(["anna"]);
  const older = await Older.tab(anna);
  older.rewrite = extended;
  await anna.loads(conversation);
  await bob.opens(conversation);
  const stays = await anna.staysOnThePage();
  await bob.types("Hm");
  await anna.seesTyping(bob);
  await bob.says("Hm, well");
  await anna.sees("Hm, well");
  await anna.says("as ever");
  await expect(anna.message("as ever")).toHaveAttribute("data-state", "read");
  await expect(anna.page.locator(".head")).toContainText("Online");
  await stays();
  await anna.seesAllOf(conversation);
});

test("P4 a message whose frame an older tab cannot read is shown within 5 seconds, by itself", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "before");
  const older = await Older.tab(anna);
  await anna.loads(conversation);
  const stays = await anna.staysOnThePage();
  older.rewrite = broken("cannot be read");
  await bob.send(conversation, "cannot be read");
  await anna.seesExactly(["before", "cannot be read"], 5_000);
  await bob.send(conversation, "after");
  await anna.seesExactly(["before", "cannot be read", "after"]);
  await stays();
});

test("P4 a message whose frame an older tab cannot read is shown at the latest with the next one", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  const older = await Older.tab(anna);
  await anna.loads(conversation);
  older.rewrite = broken("cannot be read");
  await bob.send(conversation, "cannot be read");
  await bob.send(conversation, "after");
  await anna.seesExactly(["cannot be read", "after"]);
});

/** The page has no socket, and what its polls are answered with is rewritten. */
async function polls(person: Person, rewrite: (answer: string) => string): Promise<void> {
  await person.page.routeWebSocket(/\/ws\//, (route) => route.close());
  await person.page.route("**/rpc/poll", async (route) => {
    try {
      const response = await route.fetch();
      const answer = await response.text();
      await route.fulfill({ response, body: response.ok() ? rewrite(answer) : answer });
    } catch {
      await route.abort().catch(() => {}); // the page has given the request up, or is closed
    }
  });
}

/** Frame by frame. */
const eachFrame = (rewrite: Rewrite) => (answer: string) => {
  const { frames, ...rest } = JSON.parse(answer) as { frames: Frame[] };
  return `${JSON.stringify(rest).slice(0, -1)},"frames":[${frames.flatMap(rewrite).join()}]}`;
};

for (const [what, frame] of Object.entries(UNKNOWN).filter(([, frame]) => isJson(frame(1)))) {
  test(`P3 P4 an older tab hears ${what} in the answer of a poll: it goes on living`, async ({ people }) => {
    test.setTimeout(90_000);
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    await bob.send(conversation, "before");
    await polls(anna, eachFrame((said) => [frame(conversation), JSON.stringify(said), frame(conversation)]));
    await anna.goes(`/c/${conversation}`);
    await anna.isAt("polling", 30_000);
    const stays = await anna.staysOnThePage();
    for (const text of ["one", "two"]) {
      await bob.send(conversation, text);
      await anna.sees(text);
    }
    await anna.says("and the way out");
    await anna.knowsSent("and the way out");
    await anna.isAt("polling");
    await stays();
    await anna.seesAllOf(conversation);
  });
}

test("P3 P4 a poll whose answer is not JSON is asked again: nothing is lost", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  let spoiled = 0;
  await polls(anna, (answer) => {
    if (spoiled === 2 || !answer.includes("in a spoiled answer")) return answer;
    spoiled += 1;
    return "<html>Bad gateway</html>";
  });
  await anna.goes(`/c/${conversation}`);
  await anna.isAt("polling", 30_000);
  await bob.send(conversation, "in a spoiled answer");
  await anna.seesExactly(["in a spoiled answer"], 30_000);
  expect(spoiled).toBeGreaterThan(0);
});

test("P3 P4 a message that an older tab cannot read in the answer of a poll is shown within 5 seconds", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await polls(anna, eachFrame(broken("cannot be read")));
  await anna.goes(`/c/${conversation}`);
  await anna.isAt("polling", 30_000);
  await bob.send(conversation, "cannot be read");
  await anna.seesExactly(["cannot be read"], 5_000);
  await bob.send(conversation, "after");
  await anna.seesExactly(["cannot be read", "after"]);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
