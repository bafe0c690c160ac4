import type { Page } from "@playwright/test";
import type { Api } from "./api";
import type { People } from "./people";

/** Open sockets of API accounts, held by one blank page. They can send frames that the HTTP API does not have. */
export class Sockets {
  private constructor(private page: Page) {}

  /** Opens one socket for each of these accounts. `url` is the origin of the server. */
  static async open(people: People, bots: Record<string, Api>, url = people.url()): Promise<Sockets> {
    const page = await people.window("programs");
    const tokens = Object.entries(bots).map(([name, api]) => [name, api.token]);
    await page.evaluate(
      async ([url, tokens]) => {
        const sockets: Record<string, WebSocket> = {};
        for (const [name, token] of tokens) {
          const socket = new WebSocket(`${url}/ws/?token=${token}`);
          await new Promise((open) => (socket.onmessage = open));
          sockets[name] = socket;
        }
        Object.assign(window, { sockets });
      },
      [url.replace("http", "ws"), tokens] as const,
    );
    return new Sockets(page);
  }

  /** Sends a frame through the socket of this account. */
  async send(name: string, frame: Record<string, unknown>): Promise<void> {
    await this.page.evaluate(
      ([name, text]) => (window as unknown as { sockets: Record<string, WebSocket> }).sockets[name].send(text),
      [name, JSON.stringify(frame)],
    );
  }

  async types(name: string, conversation: number, isTyping = true): Promise<void> {
    await this.send(name, { type: "typing", conversation_id: conversation, is_typing: isTyping });
  }
}
