import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Server } from "./server";
import { until } from "./until";

const root = resolve(__dirname, "../..");
const NGINX = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];

/** The program that starts a Postgres and a Redis: named in E2E_TEST_SERVERS, else as `cargo build -p test-servers` leaves it. */
function testServers(): string | undefined {
  const target = process.env.CARGO_TARGET_DIR || join(root, "target");
  const built = process.env.E2E_TEST_SERVERS || join(target, "debug", "test-servers");
  return existsSync(built) ? built : undefined;
}

const nginx = (): string | undefined => NGINX.find((path) => existsSync(path));

/** Why there can be no cluster here, if there can be none. */
export function missing(): string | undefined {
  const runs = (program: string) => spawnSync(program, ["--version"]).status === 0;
  if (!nginx()) return "nginx is not installed";
  if (!runs("redis-server")) return "redis-server is not installed";
  if (!existsSync("/usr/lib/postgresql") && !runs("initdb")) return "Postgres is not installed";
  if (!testServers()) return "test-servers is not built: cargo build -p test-servers";
  return undefined;
}

/** Two nodes on a Postgres and a Redis of their own, behind an nginx with the files of deploy/nginx. */
export class Cluster {
  readonly nodes: Server[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "rapport-cluster-"));
  private readonly children: ChildProcess[] = [];
  private readonly metrics: string[] = [];
  private port = 0;

  /** The address for browsers. The cookie `node` with the value 1 or 2 selects that node while it is reachable. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async start(settings: Record<string, string>): Promise<void> {
    const addresses = await this.servers();
    this.port = await free();
    for (let n = 0; n < 2; n++) {
      const metrics = `127.0.0.1:${await free()}`;
      const node = new Server({
        ...settings,
        RAPPORT_DATABASE_URL: addresses.postgres,
        RAPPORT_REDIS_URL: addresses.redis,
        RAPPORT_PUBLIC_URL: this.url,
        RAPPORT_TRUSTED_PROXIES: "127.0.0.1",
        RAPPORT_METRICS_LISTEN: metrics,
      });
      this.nodes.push(node);
      this.metrics.push(metrics);
      await node.start();
    }
    await this.proxy();
  }

  /** How many sockets a node has open now. */
  async sockets(node: number): Promise<number> {
    const text = await (await fetch(`http://${this.metrics[node]}/metrics`)).text();
    const scopes = [...text.matchAll(/^rapport_sockets\{[^}]*\} (\d+)/gm)];
    return scopes.reduce((sum, [, open]) => sum + Number(open), 0);
  }

  async remove(): Promise<void> {
    for (const node of this.nodes) await node.remove();
    for (const child of this.children) {
      const ended = child.exitCode !== null || new Promise((done) => child.once("close", done));
      // The servers end with the input of their program, nginx when it is told to.
      child.stdin?.end();
      if (!child.stdin) child.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async servers(): Promise<{ postgres: string; redis: string }> {
    const child = spawn(testServers()!, ["postgres", "redis"], { stdio: ["pipe", "pipe", "inherit"] });
    this.children.push(child);
    let said = "";
    child.stdout.on("data", (text) => (said += text));
    await until(() => said.includes("\n") || child.exitCode !== null, "Postgres and Redis", 60_000);
    return JSON.parse(said.split("\n")[0]);
  }

  private async proxy(): Promise<void> {
    const shipped = (name: string) => readFileSync(join(root, "deploy/nginx", name), "utf8");
    const [one, two] = this.nodes.map((node) => `127.0.0.1:${node.port}`);
    const two_nodes = shipped("upstream-two.conf").replace("127.0.0.1:3001", one).replace("127.0.0.1:3002", two);
    const prefers = (name: string, first: string, second: string) =>
      `upstream ${name} { server ${first} max_fails=1 fail_timeout=2s; server ${second} backup; }`;
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${this.folder}/${name};`);
    const config = join(this.folder, "nginx.conf");
    writeFileSync(
      config,
      `daemon off; master_process off; pid ${this.folder}/pid; error_log ${this.folder}/error.log;
       events { worker_connections 1024; }
       http {
         access_log off; ${temporary.join(" ")}
         ${shipped("rapport-map.conf")}
         ${two_nodes}
         ${prefers("node1", one, two)}
         ${prefers("node2", two, one)}
         map $cookie_node $nodes { 1 node1; 2 node2; default rapport; }
         server {
           listen 127.0.0.1:${this.port};
           ${shipped("rapport-locations.conf").replaceAll("http://rapport;", "http://$nodes;")}
         }
       }`,
    );
    const child = spawn(nginx()!, ["-p", this.folder, "-e", join(this.folder, "error.log"), "-c", config], { stdio: "ignore" });
    this.children.push(child);
    await until(async () => (await fetch(`${this.url}/healthz`)).ok, `nginx (${this.folder}/error.log)`);
  }
}

/** A port that is free now. */
async function free(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
