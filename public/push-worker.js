// Service worker of web pushes: shows them as notifications, and opens their places. It keeps no files, and answers no requests of pages.
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  let push = {};
  try { push = event.data.json(); } catch {}
  const { title = "Rapport", body = "", tag, lang, dir, path = "/" } = push;
  const look = { icon: "/icon-192.png", lang, dir };
  // A further message replaces the notification of its conversation, and is announced again.
  event.waitUntil(registration.showNotification(title, { ...look, body, tag, renotify: Boolean(tag), data: { path } }));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? "/"));
});

// Shows the place in a window that is there already, or in one of the application's pages, or in a new window.
async function open(path) {
  const place = new URL(path, location.origin);
  if (place.origin !== location.origin) return;
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const pathOf = (client) => new URL(client.url).pathname;
  const there = windows.find((client) => pathOf(client) === place.pathname);
  if (there) return there.focus();
  // These keep what is typed.
  const live = windows.find((client) => /^\/($|c\/)/.test(pathOf(client)));
  try {
    await live.focus();
    await live.navigate(place.href);
  } catch {
    await clients.openWindow(place.href);
  }
}

addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribe()));

// The push service ended the subscription: subscribes again, if the browser is signed in.
async function subscribe() {
  const answer = await fetch("/api/push");
  if (!answer.ok) return;
  const { key } = await answer.json();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const headers = { "content-type": "application/json" };
  await fetch("/api/me/push-subscriptions", { method: "POST", headers, body: JSON.stringify(subscription) });
}
