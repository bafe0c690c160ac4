import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { environment } from "../support/server";
import { until } from "../support/until";
import { type Engine, find, type Kind, type What, type Window } from "./browser";
import { program } from "./program";
import { type Element, Session } from "./webdriver";
import { Screen } from "./xvfb";

const driver = () => program("WEBKIT_DRIVER", ["WebKitWebDriver"]);
const xvfb = () => program("XVFB", ["Xvfb"]);

/** WebKitGTK's own small browser, by WebDriver, on a screen that nobody sees. */
export const webkit: Kind = {
  name: "WebKit",
  missing: () => driver().missing ?? xvfb().missing ?? (miniBrowser() ? undefined : "there is no MiniBrowser of WebKitGTK here"),
  start,
};

/** It stands in the folder of the library. */
function miniBrowser(): string | undefined {
  if (process.env.MINIBROWSER) return process.env.MINIBROWSER;
  const below = (folder: string) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);
  const libraries = ["/usr/lib", "/usr/libexec", "/usr/lib64"].flatMap((folder) => [folder, ...below(folder)]);
  return libraries
    .flatMap((folder) => ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"].map((name) => join(folder, name, "MiniBrowser")))
    .find((path) => existsSync(path));
}

async function start(): Promise<Engine> {
  // A driver has one session, a session one window, and a screen one focus.
  const open: { screen: Screen; process: ChildProcess; session?: Session }[] = [];
  return {
    async window() {
      const screen = await Screen.open(xvfb().path);
      const port = await freePort();
      const process = spawn(driver().path, [`--port=${port}`], {
        env: {
          ...environment(),
          DISPLAY: screen.display,
          // Neither a sandbox nor a graphics card is to be had in a container.
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
          LIBGL_ALWAYS_SOFTWARE: "1",
        },
        stdio: "ignore",
      });
      const opened: (typeof open)[number] = { screen, process };
      open.push(opened);
      const at = `http://127.0.0.1:${port}`;
      await until(async () => (await fetch(`${at}/status`)).ok, "an answer of WebKitWebDriver", 30_000);
      const session = await Session.begin(at, {
        "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
      });
      opened.session = session;
      await session.size(1100, 800);
      return new WebKitWindow(session);
    },
    close: async () => {
      for (const { session, process, screen } of open) {
        await session?.end().catch(() => {});
        process.kill();
        screen.close();
      }
    },
  };
}

class WebKitWindow implements Window {
  private said: string[] = [];

  constructor(private session: Session) {}

  async goto(url: string): Promise<void> {
    await this.session.goto(url);
  }

  async click(what: What, within?: number): Promise<void> {
    await this.session.click(await this.one(what, within));
  }

  async type(what: What, text: string): Promise<void> {
    await this.session.keys(await this.one(what), text);
  }

  async enter(what: What): Promise<void> {
    await this.session.keys(await this.one(what), "\uE007");
  }

  async ask<A extends unknown[], R>(what: (...given: A) => R, ...given: A): Promise<Awaited<R>> {
    await this.listen();
    return this.session.run<Awaited<R>>(`return (${what})(...arguments);`, given);
  }

  screenshot(): Promise<Buffer> {
    return this.session.screenshot();
  }

  errors(): string[] {
    return this.said;
  }

  private one(what: What, within = 30_000): Promise<Element> {
    return until(() => this.ask(find, what).catch(() => null) as Promise<Element | null>, JSON.stringify(what), within);
  }

  /** WebDriver has no console: a page is listened to from the first question on, and what it said is fetched with each. */
  private async listen(): Promise<void> {
    const heard = await this.session.run<string[]>(`return (${hear})();`, []);
    this.said.push(...heard);
  }
}

/** Runs in the page: what was said as an error since the last time. */
function hear(): string[] {
  const page = window as unknown as { heard?: string[] };
  if (!page.heard) {
    const heard: string[] = (page.heard = []);
    const error = console.error.bind(console);
    console.error = (...said: unknown[]) => (heard.push(said.join(" ")), error(...said));
    addEventListener("error", (event) => heard.push(String(event.message)));
    addEventListener("unhandledrejection", (event) => heard.push(String(event.reason)));
    addEventListener("securitypolicyviolation", (event) => heard.push(`Content-Security-Policy violation: ${event.violatedDirective}`));
  }
  return page.heard.splice(0);
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const listener = createServer().on("error", failed);
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      listener.close(() => (address && typeof address === "object" ? found(address.port) : failed(new Error("no port"))));
    });
  });
}
