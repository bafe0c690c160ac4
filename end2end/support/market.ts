import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, run, type Server } from "./server";
import { until } from "./until";

const SSO_KEY = "market-0123456789abcdef0123456789abcdef";

/** The example product of `examples/market`, beside a server that is configured for it. */
export class Market {
  readonly folder = mkdtempSync(join(tmpdir(), "market-"));
  /** Everything it printed. */
  log = "";
  private port = 0;
  private process?: ChildProcess;

  constructor(private rapport: Server) {}

  /** Its origin for browsers: another site than that of Rapport. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Configures Rapport, and starts the market. */
  async start(): Promise<void> {
    this.port = await freePort();
    this.rapport.configure({
      RAPPORT_EMBED_ORIGINS: this.url,
      RAPPORT_ALLOW_PRIVATE_WEBHOOKS: "1",
      RAPPORT_SSO__MARKET__ISSUER: this.url,
      RAPPORT_SSO__MARKET__AUDIENCE: this.rapport.url,
      RAPPORT_SSO__MARKET__KEY: SSO_KEY,
      RAPPORT_SUBJECTS__LISTING__NAME: "Listing",
      RAPPORT_SUBJECTS__LISTING__ROLES: "buyer,seller",
      RAPPORT_SUBJECTS__LISTING__PER_SUBJECT: "many",
      RAPPORT_SUBJECTS__JOB__NAME: "Job",
      RAPPORT_SUBJECTS__JOB__ROLES: "client,worker",
      RAPPORT_SUBJECTS__JOB__PER_SUBJECT: "one",
    });
    await this.rapport.restart();
    const settings = { RAPPORT_DATA: this.rapport.data, RAPPORT_ALLOW_PRIVATE_WEBHOOKS: "1" };
    const key = await run(["key", "add", "--name", "market", "--scope", "subjects"], settings);
    const endpoint = `http://127.0.0.1:${this.port}/webhooks/rapport`;
    const secret = await run(["webhook", "add", "--url", endpoint, "--event", "message.unread"], settings);
    this.process = spawn(program(), [], {
      env: {
        ...environment(),
        MARKET_LISTEN: `127.0.0.1:${this.port}`,
        MARKET_RAPPORT_URL: this.rapport.url,
        MARKET_SERVICE_KEY: /rk_[\w-]{43}/.exec(key.said)?.[0],
        MARKET_SSO_KEY: SSO_KEY,
        MARKET_WEBHOOK_SECRET: /whsec_\S+/.exec(secret.said)?.[0],
        MARKET_MAIL: this.folder,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let ended = false;
    this.process.on("error", (error) => (this.log += error.message));
    this.process.on("close", () => (ended = true));
    for (const stream of [this.process.stdout, this.process.stderr]) stream?.on("data", (text) => (this.log += text));
    await until(() => {
      if (ended) throw new Error(`The market ended at its start: ${this.log}\n${key.said}\n${secret.said}`);
      return this.log.includes("The market is at ");
    }, "the start of the market");
  }

  /** The e-mails that it wrote. */
  mails(): string[] {
    const names = readdirSync(this.folder).filter((name) => name.endsWith(".eml"));
    return names.map((name) => readFileSync(join(this.folder, name), "utf8"));
  }

  async stop(): Promise<void> {
    const process = this.process;
    if (process && process.exitCode === null && process.signalCode === null) {
      const closed = new Promise((done) => process.on("close", done));
      process.kill("SIGKILL");
      await closed;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The program that `./test` builds. */
function program(): string {
  const path = process.env.E2E_MARKET;
  if (!path) throw new Error("E2E_MARKET names no program: cargo build -p market");
  return path;
}

/** A port that nobody listens on now: Rapport has to know the market's address before it starts. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
