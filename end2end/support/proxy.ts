import { createHash } from "node:crypto";
import { createServer, connect, type Server, type Socket } from "node:net";
import { Frames, type Mangle } from "./frames";

/** The treatment of a request for a socket. */
export type Upgrades =
  | "pass" // it goes through
  | "refuse" // answered with 403, as by a proxy that knows no WebSocket
  | "silence"; // answered with 101, and then nothing ever comes: the worst of intermediaries

/** One connection through the proxy. */
interface Line {
  browser: Socket;
  server: Socket;
  upgrade: boolean;
  /** Path of the request that has no answer yet, and since when. */
  asking?: { path: string; since: number };
  /** Nothing passes any more, in either direction, and nobody is told. */
  dead: boolean;
  timer?: NodeJS.Timeout;
  /** A socket whose frames may be mangled. */
  frames?: Frames;
}

/** A TCP proxy between browser and server, which can do what networks do. */
export class Proxy {
  private listener?: Server;
  private lines = new Set<Line>();
  private port_ = 0;
  private upgrades: Upgrades = "pass";
  private delay = 0;
  private shortest?: number;
  private paused = false;
  private swallowing = false;
  private framed = false;
  private mangle_?: Mangle;
  /** Paths of all requests that came through, in order. */
  requests: string[] = [];

  constructor(private target: () => number) {}

  get url(): string {
    return `http://127.0.0.1:${this.port_}`;
  }

  async start(): Promise<void> {
    const listener = createServer((browser) => this.accept(browser));
    await new Promise<void>((ready) => listener.listen(this.port_, "127.0.0.1", ready));
    const address = listener.address();
    if (address && typeof address === "object") this.port_ = address.port;
    this.listener = listener;
  }

  /** The network as it should be: on the same port, everything passes. */
  async heal(): Promise<void> {
    this.upgrades = "pass";
    this.delay = 0;
    this.shortest = undefined;
    this.swallowing = false;
    this.mangle_ = undefined;
    this.resume();
    if (!this.listener) await this.start();
  }

  /** A cable cut: what is open is reset, what is new is refused. */
  async cut(): Promise<void> {
    const listener = this.listener;
    this.listener = undefined;
    const closed = new Promise<void>((done) => (listener ? listener.close(() => done()) : done()));
    this.reset(() => true);
    await closed;
  }

  /** A hole: open connections stay open and deliver nothing, for ever, not even an end. New ones work. */
  forget(): void {
    for (const line of this.lines) line.dead = true;
  }

  /** A black hole: what is open stays open and delivers nothing, and what is new is accepted and swallowed. */
  swallow(): void {
    this.forget();
    this.swallowing = true;
  }

  /** The end of the black hole, and nothing else is healed. */
  surface(): void {
    this.swallowing = false;
  }

  /** Sets a filter for the server's frames. Set it first before any socket opens: frames of open sockets cannot be parsed. */
  mangle(how: Mangle): void {
    this.framed = true;
    this.mangle_ = how;
  }

  /** No bytes pass until `resume`, and none are lost: a train in a tunnel. */
  pause(): void {
    this.paused = true;
    for (const line of this.lines) (line.browser.pause(), line.server.pause());
  }

  resume(): void {
    this.paused = false;
    for (const line of this.lines) if (!line.dead) (line.browser.resume(), line.server.resume());
  }

  /** Everything takes this much longer in each direction. */
  slow(milliseconds: number): void {
    this.delay = milliseconds;
  }

  /** Sets the treatment of new sockets; open ones are reset. */
  sockets(upgrades: Upgrades): void {
    this.upgrades = upgrades;
    if (upgrades !== "pass") this.reset((line) => line.upgrade);
  }

  /** Answers 504 to requests that the server holds longer than this, as impatient proxies do. */
  patience(milliseconds: number): void {
    this.shortest = milliseconds;
  }

  /** Sockets open at this moment. */
  get open(): number {
    return [...this.lines].filter((line) => line.upgrade && !line.dead).length;
  }

  /** Paths of the requests that the server has held for at least so long. */
  held(milliseconds = 500): string[] {
    const before = Date.now() - milliseconds;
    return [...this.lines]
      .filter((line) => !line.upgrade && !line.dead && line.asking && line.asking.since < before)
      .map((line) => line.asking!.path);
  }

  async close(): Promise<void> {
    await this.cut();
  }

  private reset(which: (line: Line) => boolean): void {
    for (const line of [...this.lines].filter(which)) (line.browser.resetAndDestroy(), line.server.destroy());
  }

  private accept(browser: Socket): void {
    const server = connect(this.target(), "127.0.0.1");
    const line: Line = { browser, server, upgrade: false, dead: this.swallowing };
    this.lines.add(line);
    for (const socket of [browser, line.server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      if (this.paused) socket.pause();
    }
    browser.on("data", (bytes) => this.fromBrowser(line, bytes));
    line.server.on("data", (bytes) => {
      line.asking = undefined;
      this.pass(line, line.browser, line.frames ? line.frames.take(bytes, this.mangle_) : bytes);
    });
    browser.on("close", () => this.end(line, line.server));
    line.server.on("close", () => this.end(line, browser));
  }

  private fromBrowser(line: Line, bytes: Buffer): void {
    const request = line.upgrade ? null : /^[A-Z]+ (\S+) HTTP\/1\.1\r\n/.exec(bytes.toString("latin1"));
    if (request) {
      const path = request[1];
      this.requests.push(path);
      line.upgrade = /\r\nupgrade: websocket\r\n/i.test(bytes.toString("latin1"));
      if (line.upgrade && this.framed) line.frames = new Frames();
      if (line.upgrade && this.upgrades !== "pass") return this.refuse(line, bytes.toString("latin1"));
      if (!line.upgrade) this.watch(line, path);
    }
    this.pass(line, line.server, bytes);
  }

  private watch(line: Line, path: string): void {
    const asking = { path, since: Date.now() };
    line.asking = asking;
    if (this.shortest === undefined) return;
    clearTimeout(line.timer);
    line.timer = setTimeout(() => {
      if (line.asking !== asking || line.dead) return;
      line.dead = true;
      line.server.destroy();
      line.browser.end("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }, this.shortest);
  }

  private refuse(line: Line, head: string): void {
    line.dead = true;
    line.server.destroy();
    if (this.upgrades === "refuse") {
      line.browser.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    const key = /\r\nsec-websocket-key: *(\S+)\r\n/i.exec(head)?.[1] ?? "";
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    line.browser.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  }

  private pass(line: Line, to: Socket, bytes: Buffer): void {
    if (line.dead) return;
    // Timers of one length fire in the order in which they were made: bytes stay in order.
    if (this.delay) setTimeout(() => !line.dead && to.write(bytes), this.delay);
    else to.write(bytes);
  }

  private end(line: Line, other: Socket): void {
    if (line.dead && other === line.browser) return; // the browser is not told
    clearTimeout(line.timer);
    if (this.delay) setTimeout(() => other.destroy(), this.delay);
    else other.destroy();
    if (other === line.server) this.lines.delete(line);
  }
}
