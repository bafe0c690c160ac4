import type { BrowserContext, Page } from "@playwright/test";
import { expect, test } from "../support/test";

/** A point of P-256 and a secret, as a browser gives them. */
const KEYS = { p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth: "BTBZMqHH6r4Tts7J_aSIgg" };
const ENDPOINT = "https://8.8.8.8/push/anna";

test.use({ settings: { RAPPORT_ALLOW_PRIVATE_PUSH: "1" } });

/** Replaces the push service of the browser, which tests do not reach: subscriptions live in the tab's storage. */
async function stubPushManager(context: BrowserContext, supported = true) {
  await context.addInitScript(
    ({ keys, endpoint, supported }) => {
      if (!supported) {
        Reflect.deleteProperty(window, "PushManager");
        return;
      }
      const made = () => ({
        endpoint,
        toJSON: () => ({ endpoint, keys }),
        unsubscribe: async () => (sessionStorage.removeItem("stub"), true),
      });
      PushManager.prototype.getSubscription = async () => (sessionStorage.getItem("stub") ? made() : null) as never;
      PushManager.prototype.subscribe = async (options) => {
        sessionStorage.setItem("stub", String(options?.applicationServerKey));
        return made() as never;
      };
    },
    { keys: KEYS, endpoint: ENDPOINT, supported },
  );
}

const section = (page: Page) => page.locator("#push");

/** Shows a push to the service worker of the page, as the browser does when one arrives. */
async function deliver(page: Page, payload: object) {
  const session = await page.context().newCDPSession(page);
  const id = new Promise<string>((resolve) =>
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const found = registrations.find((one) => !one.isDeleted);
      if (found) resolve(found.registrationId);
    }),
  );
  await session.send("ServiceWorker.enable");
  const origin = new URL(page.url()).origin;
  await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId: await id, data: JSON.stringify(payload) });
  await session.detach();
}

test("N1 a device is subscribed to pushes in the settings, and unsubscribed", async ({ people }) => {
  const anna = await people.join("anna");
  const context = anna.page.context();
  await stubPushManager(context);
  await context.grantPermissions(["notifications"], { origin: people.url() });
  await anna.goes("/settings");
  await expect(section(anna.page).getByRole("status")).toHaveText("This device shows none.", { useInnerText: true });
  const subscribed = anna.page.waitForResponse((answer) => answer.url().endsWith("/api/me/push-subscriptions"));
  await section(anna.page).getByRole("button", { name: "Turn on" }).click();
  expect((await subscribed).status()).toBe(201);
  await expect(section(anna.page).getByRole("status")).toHaveText("This device shows them.", { useInnerText: true });
  // The key of the server.
  expect(await anna.page.evaluate(() => sessionStorage.getItem("stub"))).toMatch(/^[\w-]{87}$/);
  const again = anna.page.waitForResponse((answer) => answer.url().endsWith("/api/me/push-subscriptions"));
  await anna.page.reload();
  expect((await again).status(), "the same subscription").toBe(200);
  await expect(section(anna.page).getByRole("status")).toHaveText("This device shows them.", { useInnerText: true });
  const ended = anna.page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await section(anna.page).getByRole("button", { name: "Turn off" }).click();
  expect((await ended).status()).toBe(204);
  await expect(section(anna.page).getByRole("status")).toHaveText("This device shows none.", { useInnerText: true });
});

test("N1 the settings say why a device shows no notifications", async ({ people }) => {
  const blocked = await people.join("anna");
  await stubPushManager(blocked.page.context());
  await blocked.page.addInitScript(() => Object.defineProperty(Notification, "permission", { get: () => "denied" }));
  await blocked.goes("/settings");
  await expect(section(blocked.page).getByRole("status")).toContainText("Blocked in this browser", { useInnerText: true });
  await expect(section(blocked.page).getByRole("button")).toBeHidden();

  const old = await people.join("bob", { locale: "de-AT" });
  await stubPushManager(old.page.context(), false);
  await old.goes("/settings");
  await expect(section(old.page).getByRole("status")).toContainText("In diesem Browser nicht verfügbar", { useInnerText: true });

  const plain = await people.join("carla", { javaScript: false });
  await plain.goes("/settings");
  await expect(section(plain.page).getByRole("status")).toHaveText("This needs JavaScript.", { useInnerText: true });
  await expect(section(plain.page).getByRole("button")).toBeHidden();
});

test("N1 a push is shown as a notification, one for each conversation", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.page.context().grantPermissions(["notifications"], { origin: people.url() });
  await anna.goes("/settings");
  await anna.page.evaluate(async () => {
    await navigator.serviceWorker.register("/push-worker.js");
    await navigator.serviceWorker.ready;
  });
  const shown = () =>
    anna.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.getNotifications()).map(({ title, body, tag, lang, dir, data }) => ({ title, body, tag, lang, dir, path: data.path }));
    });
  const push = (body: string, id: number) => ({
    kind: "direct", conversation_id: id, count: 1, path: `/c/${id}`, tag: `conversation-${id}`, title: "Rapport", body, lang: "en", dir: "ltr",
  });
  await deliver(anna.page, push("New message", 1));
  await deliver(anna.page, push("2 new messages", 1));
  await deliver(anna.page, { ...push("رسالة جديدة", 2), lang: "ar", dir: "rtl" });
  await expect.poll(shown).toHaveLength(2);
  const all = await shown();
  expect(all).toContainEqual({ title: "Rapport", body: "2 new messages", tag: "conversation-1", lang: "en", dir: "ltr", path: "/c/1" });
  expect(all).toContainEqual({ title: "Rapport", body: "رسالة جديدة", tag: "conversation-2", lang: "ar", dir: "rtl", path: "/c/2" });
});

test("N1 signing out ends the worker and its notifications", async ({ people }) => {
  const anna = await people.join("anna");
  await anna.page.context().grantPermissions(["notifications"], { origin: people.url() });
  await anna.goes("/settings");
  await anna.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.register("/push-worker.js");
    await navigator.serviceWorker.ready;
    await registration.showNotification("Rapport", { tag: "conversation-1" });
  });
  await anna.page.locator("#sign-ins").getByRole("button", { name: "Sign out" }).first().click();
  await expect(anna.page).toHaveURL(/\/sign-in$/);
  await expect.poll(() => anna.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
});
