import { createHmac, randomUUID } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Frame, Page } from "@playwright/test";
import { Api } from "../support/api";
import * as ui from "../support/page";
import { run, type Server } from "../support/server";
import { expect, test } from "../support/test";

// A product at another origin, `http://localhost:…`, that embeds Rapport, at `http://127.0.0.1:…`: another site for browsers.

const PRODUCT = { iss: "https://shop.example", aud: "https://chat.example" };
const KEY = "shop-0123456789abcdef0123456789abcdef";
const IMAGES = "https://img.example";

test.use({
  settings: {
    RAPPORT_SSO__SHOP__ISSUER: PRODUCT.iss,
    RAPPORT_SSO__SHOP__AUDIENCE: PRODUCT.aud,
    RAPPORT_SSO__SHOP__KEY: KEY,
    RAPPORT_SSO__SHOP__IMAGE_ORIGINS: IMAGES,
    RAPPORT_SUBJECTS__LISTING__NAME: "Listing",
    RAPPORT_SUBJECTS__LISTING__ROLES: "buyer,seller",
    RAPPORT_SUBJECTS__LISTING__PER_SUBJECT: "many",
    RAPPORT_SUBJECTS__LISTING__CLOSED_BY: "seller",
  },
});

/** A token for a person of the product, good for one use. */
function token(sub: string, name: string, picture?: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { ...PRODUCT, sub, name, picture, iat: now, exp: now + 60, jti: randomUUID() };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", KEY).update(signed).digest("base64url")}`;
}

/** The product's site: one page, with these attributes of the script. Its events are in `window.told`. */
class Product {
  private site?: HttpServer;
  attributes: Record<string, string> = {};

  constructor(private rapport: Server) {}

  get origin(): string {
    return `http://localhost:${(this.site?.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.site = createServer((_, answer) => {
      const attributes = Object.entries(this.attributes).map(([name, value]) => ` data-${name}="${value}"`).join("");
      answer.setHeader("content-type", "text/html");
      answer.end(`<!DOCTYPE html><title>Shop</title><link rel="icon" href="data:,"><h1>A bicycle</h1>
        <script>window.told = [];
          for (const name of ["ready", "unread", "status", "error", "token-needed"]) {
            addEventListener("rapport:" + name, ({ detail }) => {
              const { respond, ...rest } = detail;
              if (respond) window.respond = respond;
              told.push({ name, ...rest });
            });
          }
        </script>
        <div id="chat" style="width: 380px"><script src="${this.rapport.url}/embed.js"${attributes}></script></div>`);
    });
    await new Promise<void>((done) => this.site?.listen(0, "localhost", done));
  }

  async stop(): Promise<void> {
    await new Promise((done) => this.site?.close(done));
  }
}

interface Told {
  name: string;
  unread?: number;
  code?: string;
}

const told = (page: Page) => page.evaluate(() => (window as unknown as { told: Told[] }).told);

async function frameOf(page: Page, path: RegExp): Promise<Frame> {
  await expect.poll(() => page.frames().some((frame) => path.test(frame.url())), { message: String(path) }).toBe(true);
  const frame = page.frames().find((frame) => path.test(frame.url()));
  if (!frame) throw new Error("The frame has gone.");
  return frame;
}

/** All links that are shown lead to pages that the client shows in place, or change the query. */
async function leadsNowhereElse(frame: Frame): Promise<void> {
  const links = frame.locator("a[href]:visible");
  const hrefs = await links.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  expect(hrefs.length).toBeGreaterThan(0);
  for (const href of hrefs) expect(href).toMatch(/^(\/(c\/\d+|notifications|invitations)?)?(\?[^#]*)?(#.*)?$/);
}

/** Ana of the product, in a conversation with Ben; and the page of the product in a window of hers. */
async function conversation(server: Server): Promise<{ ana: Api; ben: Api; id: number }> {
  const [ana, ben] = [new Api(() => server.url), new Api(() => server.url)];
  const tokens = await ana.post<{ access: string }>("/api/sso", { token: token("7", "Ana Silva") });
  expect(tokens.status).toBe(200);
  ana.token = tokens.body.access;
  await ben.register("ben");
  await ben.signIn("ben");
  const id = await ben.conversation(["ana.silva"]);
  await ben.send(id, "Is it still available?");
  return { ana, ben, id };
}

test("X2 people have the pictures of their product, live, and initials where one cannot be loaded", async ({ people, server }) => {
  const product = new Api(() => server.url);
  const signsIn = async (picture?: string) =>
    expect((await product.post("/api/sso", { token: token("7", "Ana Silva", picture) })).status).toBe(200);
  await signsIn(`${IMAGES}/1.svg`);
  const ben = await people.join("ben");
  await ben.page.route(`${IMAGES}/**`, (route) =>
    route.request().url().endsWith("/missing.svg")
      ? route.abort()
      : route.fulfill({
          contentType: "image/svg+xml",
          body: `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="3" fill="teal"/></svg>`,
        }),
  );
  const id = await ben.api.conversation(["ana.silva"]);
  await ben.opens(id);
  const avatar = ui.row(ben.page, id).locator(".avatar");
  const image = avatar.locator("img");
  await expect(image).toHaveAttribute("src", `${IMAGES}/1.svg`);
  await expect(ben.page.locator(".head .avatar img")).toHaveAttribute("src", `${IMAGES}/1.svg`);
  const width = () => image.evaluate((img: HTMLImageElement) => img.naturalWidth);
  await expect.poll(width).toBe(8);
  await signsIn(`${IMAGES}/2.svg`);
  await expect(image).toHaveAttribute("src", `${IMAGES}/2.svg`);
  await signsIn(`${IMAGES}/missing.svg`);
  await expect(image).toHaveAttribute("src", `${IMAGES}/missing.svg`);
  people.watch.expect(/missing\.svg/);
  await expect(image).toHaveCSS("visibility", "hidden");
  const broken = await avatar.screenshot();
  await ben.reloads();
  await expect(image).toHaveCSS("visibility", "hidden");
  await signsIn(`${IMAGES}/3.svg`);
  await expect(image).toHaveCSS("visibility", "visible");
  await signsIn();
  await expect(image).toHaveCount(0);
  expect((await avatar.screenshot()).equals(broken), "as without a picture").toBe(true);
});

test.describe("X2 a product's page", () => {
  let product: Product;

  test.beforeEach(async ({ server }) => {
    product = new Product(server);
    await product.start();
    server.configure({ RAPPORT_EMBED_ORIGINS: product.origin });
    await server.restart();
  });

  test.afterEach(() => product.stop());

  test("X2 one conversation stands on the product's page, live, where third-party cookies are blocked", async ({ server, browser }) => {
    const { ben, id } = await conversation(server);
    const context = await browser.newContext();
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.setCookieControls", { enableThirdPartyCookieRestriction: true });
    product.attributes = { token: token("7", "Ana Silva"), conversation: String(id), theme: "dark", lang: "de" };
    await page.goto(product.origin);
    const frame = await frameOf(page, /\/embed\/one\/c\/\d+/);
    await expect(frame.locator("html[data-hydrated][data-link=connected]")).toBeAttached();
    await expect(frame.locator("html")).toHaveAttribute("lang", "de");
    await expect(frame.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect(frame.getByText("Is it still available?")).toBeVisible();
    await expect(frame.locator(".side")).toHaveCount(0);
    await expect(frame.locator(".back:visible")).toHaveCount(0);
    expect(page.url()).not.toContain("eyJ");
    expect(frame.url()).not.toContain("eyJ");

    await frame.locator(ui.PARTS.field).fill("Yes, it is");
    await frame.locator(ui.PARTS.field).press("Enter");
    await expect.poll(async () => (await ben.history(id)).at(-1)?.content).toBe("Yes, it is");
    await ben.send(id, "I will come at five");
    await expect(frame.getByText("I will come at five")).toBeVisible();

    await page.evaluate(() => document.querySelector("script[src]")?.setAttribute("data-theme", "light"));
    await expect(frame.locator("html")).toHaveAttribute("data-theme", "light");
    const names = (await told(page)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["ready", "status", "unread"]));
    expect(names).not.toContain("error");
    // A load of the page brings a token of its own; one that was used is refused.
    await page.reload();
    await expect.poll(async () => (await told(page)).some(({ name }) => name === "error")).toBe(true);
    await context.close();
  });

  test("X2 the list tells the page how much is unread, and opens a conversation in its place", async ({ server, browser }) => {
    const { ben, id } = await conversation(server);
    const context = await browser.newContext();
    const page = await context.newPage();
    product.attributes = { token: token("7", "Ana Silva") };
    await page.goto(product.origin);
    const frame = await frameOf(page, /\/embed\/list/);
    await expect.poll(async () => (await told(page)).filter(({ name }) => name === "unread").at(-1)?.unread).toBe(1);
    await ben.send(id, "Hello?");
    await expect.poll(async () => (await told(page)).filter(({ name }) => name === "unread").at(-1)?.unread).toBe(2);
    await frame.locator(`.item[href="/c/${id}"]`).click();
    await expect(frame.getByRole("log").getByText("Hello?")).toBeVisible();
    await expect.poll(() => frame.url()).toContain(`/embed/list/c/${id}`);
    await expect.poll(async () => (await told(page)).filter(({ name }) => name === "unread").at(-1)?.unread).toBe(0);
    await frame.locator(".back").click();
    await expect(frame.locator(`.item[href="/c/${id}"]`)).toBeVisible();
    await expect(frame.locator('a[href="/settings"]:visible')).toHaveCount(0);
    await context.close();
  });

  test("X2 list, conversation and details lead to no page outside of the frame", async ({ server, browser }) => {
    const { ana } = await conversation(server);
    const group = await ana.conversation(["ben"], "Cyclists");
    const context = await browser.newContext();
    const page = await context.newPage();
    product.attributes = { token: token("7", "Ana Silva") };
    await page.goto(product.origin);
    const frame = await frameOf(page, /\/embed\/list/);
    await frame.locator(`.item[href="/c/${group}"]`).waitFor();
    await leadsNowhereElse(frame);
    await frame.locator(`.item[href="/c/${group}"]`).click();
    await frame.locator(".head h1 a").waitFor();
    await leadsNowhereElse(frame);
    await frame.locator(".head h1 a").click();
    await expect(frame.locator(ui.PARTS.details)).toBeVisible();
    // Shown to an owner outside of a frame.
    const link = frame.locator('p:not([hidden]) > a[href$="/incoming-webhooks"]');
    await expect(link).toBeAttached();
    await expect(link).toBeHidden();
    await leadsNowhereElse(frame);
    await context.close();
  });

  test("C4 a seller closes and reopens on the product's page", async ({ server, browser }) => {
    await conversation(server);
    const added = await run(["key", "add", "--name", "shop", "--scope", "subjects"], { RAPPORT_DATA: server.data });
    const key = /rk_[\w-]{43}/.exec(added.said)?.[0];
    const seller = { issuer: PRODUCT.iss, sub: "7", role: "seller" };
    const opened = await fetch(`${server.url}/api/subjects/listing/42/conversation`, {
      method: "PUT",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "A bicycle", participants: [seller, { username: "ben", role: "buyer" }] }),
    });
    expect(opened.status, await opened.text()).toBe(201);
    product.attributes = { token: token("7", "Ana Silva"), subject: "listing/42" };
    const page = await browser.newPage();
    await page.goto(product.origin);
    const frame = await frameOf(page, /\/embed\/one\/c\/\d+/);
    await expect(frame.locator("html[data-hydrated]")).toBeAttached({ timeout: 30_000 });
    await frame.locator(".head h1 a").click();
    await frame.locator(".closing summary").click();
    await frame.getByRole("textbox", { name: "Reason" }).fill("Sold");
    await frame.locator(".closing").getByRole("button", { name: "Close" }).click();
    await frame.locator(".closing summary").click();
    await frame.locator(".closing").getByRole("button", { name: "Reopen" }).click();
    await frame.locator(".details-close").click();
    const log = frame.getByRole("log");
    await expect(log).toContainText("You closed the conversation: ⁨Sold⁩");
    await expect(log).toContainText("You reopened the conversation");
    await page.close();
  });

  test("X2 the page is asked for a token when the sign-in of the frame has ended", async ({ server, browser }) => {
    const { id } = await conversation(server);
    const context = await browser.newContext();
    const page = await context.newPage();
    product.attributes = { conversation: String(id) };
    await page.goto(product.origin);
    await expect.poll(async () => (await told(page)).map(({ name }) => name)).toEqual(["token-needed"]);
    await page.evaluate((fresh) => (window as unknown as { respond: (token: string) => void }).respond(fresh), token("7", "Ana Silva"));
    const frame = await frameOf(page, /\/embed\/one\/c\/\d+/);
    await expect(frame.locator("html[data-link=connected]")).toBeAttached();
    await context.close();
  });

  test("X2 a page of another origin shows nothing", async ({ server, browser }) => {
    const { id } = await conversation(server);
    server.configure({ RAPPORT_EMBED_ORIGINS: "https://shop.example" });
    await server.restart();
    const context = await browser.newContext();
    const page = await context.newPage();
    product.attributes = { token: token("7", "Ana Silva"), conversation: String(id) };
    await page.goto(product.origin);
    await expect.poll(async () => (await told(page)).find(({ name }) => name === "error")?.code).toBe("blocked");
    expect(page.frames().some((frame) => frame.url().includes("/embed/one"))).toBe(false);
    await context.close();
  });
});
