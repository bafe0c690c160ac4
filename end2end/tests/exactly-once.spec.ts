import type { Message } from "../support/api";
import { clientId } from "../support/ids";
import { expect, test } from "../support/test";

test("T6 F7 the same client_id 100 times, over socket, server function and HTTP at once: one message", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await anna.opens(bob);
  await bob.opens(anna);
  const id = clientId();

  const answers = await anna.page.evaluate(
    async ({ conversation, id, token }) => {
      const content = "once and only once";
      const frame = { type: "chat_message", conversation_id: conversation, content, client_id: id };
      const json = { "Content-Type": "application/json", Accept: "application/json" };
      const acks: Message[] = [];
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/`);
      await new Promise((open) => (socket.onmessage = open));
      const all = new Promise<void>((done) => {
        socket.onmessage = (event) => {
          const said = JSON.parse(event.data);
          if (said.type === "ack" && acks.push(said.message) === 34) done();
        };
      });
      for (let n = 0; n < 34; n++) socket.send(JSON.stringify(frame));
      const called = Array.from({ length: 33 }, async () => {
        const answer = await fetch("/rpc/submit", { method: "POST", headers: json, body: JSON.stringify({ frames: [frame] }) });
        return (await answer.json()).find((said: { type: string }) => said.type === "ack").message as Message;
      });
      const posted = Array.from({ length: 33 }, async () => {
        const answer = await fetch(`/api/conversations/${conversation}/messages`, {
          method: "POST",
          headers: { ...json, Authorization: `Bearer ${token}` },
          body: JSON.stringify({ content, client_id: id }),
        });
        return { status: answer.status, message: (await answer.json()) as Message };
      });
      const [rpc, http] = [await Promise.all(called), await Promise.all(posted)];
      await all;
      socket.close();
      return { acks, rpc, http };
    },
    { conversation, id, token: anna.api.token },
  );

  const messages = [...answers.acks, ...answers.rpc, ...answers.http.map((one) => one.message)];
  expect(messages).toHaveLength(100);
  for (const message of messages) expect(message).toEqual(messages[0]);
  expect(answers.http.filter((one) => one.status === 201).length, "at most one of them made it").toBeLessThanOrEqual(1);
  expect(answers.http.every((one) => one.status === 201 || one.status === 200)).toBe(true);

  await bob.seesExactly(["once and only once"]);
  await anna.seesExactly(["once and only once"]);
  expect((await anna.api.history(conversation)).map((message) => message.seq)).toEqual([1]);
});

test("F8 the same client_id with another body is a conflict and stores nothing", async ({ people }) => {
  const anna = await people.join("anna");
  const bob = await people.join("bob");
  const conversation = await bob.opens(anna);
  const path = `/api/conversations/${conversation}/messages`;
  const id = clientId();
  expect((await anna.api.post(path, { content: "the first", client_id: id })).status).toBe(201);
  const second = await anna.api.post<{ error: { code: string } }>(path, { content: "the second", client_id: id });
  expect(second.status).toBe(409);
  expect(second.body.error.code).toBe("id_conflict");
  await bob.seesExactly(["the first"]);
  await bob.seesAllOf(conversation);
});
