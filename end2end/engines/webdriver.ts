// The few commands of W3C WebDriver that a dialogue needs.

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A reference to an element of a page, as it goes over the line. */
export type Element = { [ELEMENT]: string };

/** One session: one window. */
export class Session {
  private constructor(private at: string) {}

  static async begin(driver: string, capabilities: Record<string, unknown>): Promise<Session> {
    const made = await command<{ sessionId: string }>("POST", `${driver}/session`, {
      capabilities: { alwaysMatch: capabilities },
    });
    return new Session(`${driver}/session/${made.sessionId}`);
  }

  async goto(url: string): Promise<void> {
    await command("POST", `${this.at}/url`, { url });
  }

  /** The body of a function, with `arguments`. */
  run<R>(script: string, given: unknown[]): Promise<R> {
    return command("POST", `${this.at}/execute/sync`, { script, args: given });
  }

  async click(element: Element): Promise<void> {
    await command("POST", `${this.at}/element/${element[ELEMENT]}/click`, {});
  }

  async keys(element: Element, text: string): Promise<void> {
    await command("POST", `${this.at}/element/${element[ELEMENT]}/value`, { text });
  }

  async size(width: number, height: number): Promise<void> {
    await command("POST", `${this.at}/window/rect`, { x: 0, y: 0, width, height });
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(await command<string>("GET", `${this.at}/screenshot`), "base64");
  }

  async end(): Promise<void> {
    await command("DELETE", this.at);
  }
}

async function command<R>(method: string, url: string, body?: unknown): Promise<R> {
  const response = await fetch(url, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const { value } = (await response.json()) as { value: R & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`${url.replace(/.*session\/[^/]*/, "")}: ${value?.error}: ${value?.message}`);
  return value;
}
