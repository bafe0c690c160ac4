import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "./until";

const root = resolve(__dirname, "../..");

/** The program under test: the one named in E2E_BINARY, else whichever was built last. */
export function binary(): string {
  if (process.env.E2E_BINARY) return process.env.E2E_BINARY;
  const target = process.env.CARGO_TARGET_DIR || join(root, "target");
  const built = ["release", "debug"].map((profile) => join(target, profile, "rapport")).filter((path) => existsSync(path));
  if (built.length === 0) throw new Error("There is no rapport to test. Build it: cargo leptos build");
  return built.reduce((a, b) => (statSync(b).mtimeMs > statSync(a).mtimeMs ? b : a));
}

/** Groups of people who do not know each other, unless a test sets the preference of a person. */
const openToAll = { RAPPORT_LIMITS__ADDABLE_BY: "everyone" };

/** How a server process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One `rapport serve` with a data folder of its own, which can be killed and started again at the same address. */
export class Server {
  readonly data = mkdtempSync(join(tmpdir(), "rapport-"));
  /** Everything it printed, over all its lives. */
  log = "";
  private process?: ChildProcess;
  private ended?: Promise<Ended>;
  private listen = "127.0.0.1:0";

  /** `settings` are environment variables; a value of undefined takes one away. */
  constructor(
    private settings: Record<string, string | undefined> = {},
    /** Where it is started from, which file, and flags besides. */
    private program: { cwd: string; path: string; flags?: string[] } = { cwd: root, path: binary() },
  ) {
    if (settings.RAPPORT_LISTEN) this.listen = settings.RAPPORT_LISTEN;
  }

  /** Where it listens, `http://127.0.0.1:…`. */
  get url(): string {
    return `http://${this.listen}`;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** More settings, for its next life. */
  configure(settings: Record<string, string | undefined>): void {
    this.settings = { ...this.settings, ...settings };
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const before = this.log.length;
    const child = spawn(this.program.path, ["serve", ...(this.program.flags ?? [])], {
      cwd: this.program.cwd,
      env: { ...environment(), RAPPORT_DATA: this.data, ...openToAll, ...this.settings, RAPPORT_LISTEN: this.listen },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.log += text));
    let gone: Ended | undefined;
    this.ended = new Promise((done) => {
      child.on("error", (error) => (this.log += error.message));
      child.on("close", (code, signal) => done((gone = { code, signal })));
    });
    const address = await until(() => {
      if (gone) throw new Error(`rapport ended with ${gone.code ?? gone.signal} at its start:\n${this.log.slice(before)}`);
      return /Rapport is listening on http:\/\/(\S+)/.exec(this.log.slice(before))?.[1];
    }, `the server's address in:\n${this.log}`);
    this.listen = address;
    await until(async () => (await fetch(`${this.url}/healthz`)).ok, "an answer of /healthz");
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.signal("SIGKILL");
  }

  /** Asks it to stop, and tells how it did. */
  async stop(): Promise<Ended> {
    return this.signal("SIGTERM");
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends it if need be, and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }

  private async signal(signal: NodeJS.Signals): Promise<Ended> {
    if (!this.process || !this.ended) return { code: 0, signal: null };
    this.process.kill(signal);
    return this.ended;
  }
}

/** A demonstration: it has a temporary folder of its own. */
export function demonstration(): Server {
  return new Server({ RAPPORT_DATA: undefined }, { cwd: root, path: binary(), flags: ["--demo"] });
}

/** Runs the program to its end: what it printed, and its exit code. `input`: its standard input; `path`: another program. */
export async function run(
  args: string[],
  settings: Record<string, string> = {},
  { input = "", path = binary() } = {},
): Promise<{ code: number; said: string }> {
  const child = spawn(path, args, { cwd: root, env: { ...environment(), ...settings }, stdio: "pipe" });
  // A program that ends without reading it closes the pipe.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const patience = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const code = await new Promise<number>((done) => child.on("close", (code) => done(code ?? -1)));
  clearTimeout(patience);
  return { code, said };
}

/** Ours, without what a developer or a build tool may have set for their own server. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(RAPPORT_|LEPTOS_(WATCH|SITE_ADDR))/.test(name)),
  );
}
