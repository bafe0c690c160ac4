import { until } from "./until";

/** A message, as far as the tests look at it. */
export interface Message {
  id: number;
  seq: number;
  rev: number;
  client_id: string;
  content: string;
  sender: { id: number; username: string };
}

/** The password of everybody in these tests. */
export const PASSWORD = "correct horse battery";

/** An answer with its status. */
export interface Answer<T> {
  status: number;
  body: T;
}

/** The HTTP API, as one person uses it. */
export class Api {
  constructor(
    private url: () => string,
    public token = "",
  ) {}

  async get<T>(path: string): Promise<Answer<T>> {
    return this.ask("GET", path);
  }

  async post<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.ask("POST", path, body);
  }

  async patch<T>(path: string, body: unknown): Promise<Answer<T>> {
    return this.ask("PATCH", path, body);
  }

  async delete<T>(path: string): Promise<Answer<T>> {
    return this.ask("DELETE", path);
  }

  async register(username: string, names: { first_name?: string; last_name?: string } = {}): Promise<number> {
    const made = await this.post<{ id: number }>("/api/register", { username, password: PASSWORD, ...names });
    if (made.status !== 201) throw new Error(`register ${username}: ${made.status} ${JSON.stringify(made.body)}`);
    return made.body.id;
  }

  /** Signs in: further calls are this person's. */
  async signIn(username: string): Promise<void> {
    const tokens = await this.post<{ access: string }>("/api/token", { username, password: PASSWORD });
    if (tokens.status !== 200) throw new Error(`token of ${username}: ${tokens.status} ${JSON.stringify(tokens.body)}`);
    this.token = tokens.body.access;
  }

  async conversation(participants: string[], title?: string): Promise<number> {
    const made = await this.post<{ id: number }>("/api/conversations", { participants, title });
    if (made.status >= 300) throw new Error(`conversation: ${made.status} ${JSON.stringify(made.body)}`);
    return made.body.id;
  }

  /** Sends, and waits out a rate limit, as a good program does. */
  async send(conversation: number, content: string): Promise<Message> {
    const path = `/api/conversations/${conversation}/messages`;
    const sent = await until(async () => {
      const answer = await this.post<Message>(path, { content });
      return answer.status === 429 ? undefined : answer;
    }, "room in the rate limit");
    if (sent.status !== 201) throw new Error(`send: ${sent.status} ${JSON.stringify(sent.body)}`);
    return sent.body;
  }

  /** Everything that the database holds of a conversation, oldest first. */
  async history(conversation: number): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const before = all.length > 0 ? `&before=${all[0].seq}` : "";
      const path = `/api/conversations/${conversation}/messages?limit=50${before}`;
      const page = await this.get<{ messages: Message[] }>(path);
      if (page.status !== 200) throw new Error(`history: ${page.status} ${JSON.stringify(page.body)}`);
      if (page.body.messages.length === 0) return all;
      all.unshift(...page.body.messages);
    }
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(this.url() + path, {
      method,
      headers: {
        // A connection of its own: one that is kept may have died unseen, in a network that fails.
        Connection: "close",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T };
  }
}
