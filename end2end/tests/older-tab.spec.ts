import type { WebSocketRoute } from "@playwright/test";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

// A tab that was loaded before an upgrade of the server: the newer server may send frames that the older client cannot read.

interface Frame {
  type: string;
  [field: string]: unknown;
}

/** Replaces one frame of the server by the texts that the page receives instead. */
type Rewrite = (frame: Frame) => string[];

const unchanged: Rewrite = (frame) => [JSON.stringify(frame)];
/** Removes a required field from the `new_message` frame with this content. */
const withoutId =
  (text: string): Rewrite =>
  (frame) => {
    const message = frame.message as { content?: string; id?: number } | undefined;
    if (frame.type !== "new_message" || message?.content !== text) return unchanged(frame);
    return [JSON.stringify({ ...frame, message: { ...message, id: undefined } })];
  };

/** Texts that the client cannot read, by what is wrong with them. */
const UNREADABLE: Record<string, (conversation: number) => string> = {
  "an unknown type": (conversation) => JSON.stringify({ type: "reaction_added", conversation_id: conversation, message_id: 1, reaction: { kind: "👍", by: [1, 2] } }),
  "an unknown type without fields": () => JSON.stringify({ type: "party" }),
  "a known type with missing fields": (conversation) => JSON.stringify({ type: "typing", conversation_id: conversation }),
  "a message with missing fields": (conversation) => JSON.stringify({ type: "new_message", conversation_id: conversation, rev: 1, message: { id: 1 } }),
  "a known type with fields of the wrong types": () => JSON.stringify({ type: "message_read", conversation_id: "seven", message_id: null, reader_id: {}, seq: [1] }),
  "no type": () => JSON.stringify({ kind: "typing" }),
  "a JSON array": () => "[1, 2, 3]",
  "text that is not JSON": () => "<html>Bad gateway</html>",
  "truncated JSON": () => '{"type":"new_message","conversation_id":1,"me',
  "an empty text": () => "",
};

/** Adds unknown fields to the frame and to every object in it. */
const extended: Rewrite = (frame) => {
  const more = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(more);
    if (typeof value !== "object" || value === null) return value;
    const inner = Object.fromEntries(Object.entries(value).map(([name, value]) => [name, more(value)]));
    return { future: { is: ["here", 1, null] }, ...inner, another_one: true };
  };
  return [JSON.stringify(more(frame))];
};

/** Rewrites what the server sends through the socket of one page. */
class SocketRewriter {
  rewrite: Rewrite = unchanged;
  private route?: WebSocketRoute;

  /** Has to be called before the page is loaded. */
  static async install(person: Person): Promise<SocketRewriter> {
    const rewriter = new SocketRewriter();
    await person.page.routeWebSocket(/\/ws\//, (route) => {
      rewriter.route = route;
      const server = route.connectToServer();
      server.onMessage((text) => rewriter.rewrite(JSON.parse(String(text))).forEach((text) => route.send(text)));
    });
    return rewriter;
  }

  /** Sends a text to the page in the name of the server. */
  inject(text: string): void {
    this.route?.send(text);
  }
}

for (const [what, frame] of Object.entries(UNREADABLE)) {
  test(`P4 a socket frame that the client cannot read (${what}) does not stop the page`, async ({ people }) => {
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    await bob.send(conversation, "before");
    const socket = await SocketRewriter.install(anna);
    await anna.loads(conversation);
    const stays = await anna.staysOnThePage();
    for (let times = 0; times < 3; times++) socket.inject(frame(conversation));
    await bob.send(conversation, "after");
    await anna.seesExactly(["before", "after"]);
    socket.inject(frame(conversation));
    await anna.says("and the way out");
    await anna.knowsSent("and the way out");
    await anna.isAt("connected");
    await stays();
    await anna.seesAllOf(conversation);
  });
}

test("P4 unknown fields in frames are ignored", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.api.conversation(["bob"]);
  const socket = await SocketRewriter.install(anna);
  socket.rewrite = extended;
  await anna.loads(conversation);
  await bob.opens(anna);
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

test("P4 a message whose frame the client cannot read is fetched by a re-sync within 5 seconds", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await bob.conversation(["anna"]);
  await bob.send(conversation, "before");
  const socket = await SocketRewriter.install(anna);
  await anna.loads(conversation);
  const stays = await anna.staysOnThePage();
  socket.rewrite = withoutId("cannot be read");
  await bob.send(conversation, "cannot be read");
  await anna.seesExactly(["before", "cannot be read"], 5_000);
  await bob.send(conversation, "after");
  await anna.seesExactly(["before", "cannot be read", "after"]);
  await stays();
});

test("P4 a message whose frame the client cannot read is shown at the latest with the next message", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  const socket = await SocketRewriter.install(anna);
  await anna.loads(conversation);
  socket.rewrite = withoutId("cannot be read");
  await bob.send(conversation, "cannot be read");
  await bob.send(conversation, "after");
  await anna.seesExactly(["cannot be read", "after"]);
});

/** Blocks the socket and rewrites the answers of polls. */
async function rewritePolls(person: Person, rewrite: (answer: string) => string): Promise<void> {
  await person.page.routeWebSocket(/\/ws\//, (route) => route.close());
  await person.page.route("**/rpc/poll", async (route) => {
    try {
      const response = await route.fetch();
      const answer = await response.text();
      await route.fulfill({ response, body: response.ok() ? rewrite(answer) : answer });
    } catch {
      await route.abort().catch(() => {}); // The page has aborted the request or is closed.
    }
  });
}

/** Rewrites the frames of a poll answer one by one. */
const eachFrame = (rewrite: Rewrite) => (answer: string) => {
  const { frames, ...rest } = JSON.parse(answer) as { frames: Frame[] };
  return `${JSON.stringify(rest).slice(0, -1)},"frames":[${frames.flatMap(rewrite).join()}]}`;
};

for (const [what, frame] of Object.entries(UNREADABLE).filter(([, frame]) => isJson(frame(1)))) {
  test(`P3 P4 a frame in a poll answer that the client cannot read (${what}) does not stop the page`, async ({ people }) => {
    test.setTimeout(90_000);
    people.watch.expectBrokenLink();
    const anna = await people.join("anna");
    const bob = await people.bot("bob");
    const conversation = await bob.conversation(["anna"]);
    await bob.send(conversation, "before");
    await rewritePolls(anna, eachFrame((said) => [frame(conversation), JSON.stringify(said), frame(conversation)]));
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

test("P3 P4 a poll answer that is not JSON is requested again and nothing is lost", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  let spoiled = 0;
  await rewritePolls(anna, (answer) => {
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

test("P3 P4 a message in a poll answer that the client cannot read is fetched by a re-sync within 5 seconds", async ({ people }) => {
  test.setTimeout(90_000);
  people.watch.expectBrokenLink();
  const anna = await people.join("anna");
  const bob = await people.bot("bob");
  const conversation = await anna.api.conversation(["bob"]);
  await rewritePolls(anna, eachFrame(withoutId("cannot be read")));
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
