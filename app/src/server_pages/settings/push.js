// Subscribes this browser to web pushes, or ends its subscription.
const push = document.querySelector("#push");
const pushButton = push.querySelector("button");
const pushOwner = "rapport.push";
const showPush = (state) => {
  for (const words of push.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
  push.dataset.state = state;
  pushButton.hidden = state !== "on" && state !== "off" && state !== "failed";
  pushButton.textContent = state === "on" ? pushButton.dataset.off : pushButton.dataset.on;
  pushButton.disabled = false;
};
const pushRequest = (method, body) =>
  fetch("/api/me/push-subscriptions", { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const pushSubscription = async () =>
  (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
const pushState = async () => {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  const subscription = await pushSubscription();
  if (!subscription) return "off";
  // One that another person left behind: an expired sign-in does not end it here.
  if (localStorage.getItem(pushOwner) !== push.dataset.me) {
    await subscription.unsubscribe();
    return "off";
  }
  // The sign-in that made it may have ended since.
  return (await pushRequest("POST", subscription)).ok ? "on" : "failed";
};
const subscribePush = async () => {
  if (await Notification.requestPermission() !== "granted") return;
  await (await pushSubscription())?.unsubscribe();
  const { key } = await (await fetch("/api/push")).json();
  await navigator.serviceWorker.register("/push-worker.js");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  if (!(await pushRequest("POST", subscription)).ok) {
    await subscription.unsubscribe();
    throw new Error("the server refused the subscription");
  }
  localStorage.setItem(pushOwner, push.dataset.me);
};
const endPush = async () => {
  const subscription = await pushSubscription();
  if (!subscription) return;
  await pushRequest("DELETE", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
};
pushButton.addEventListener("click", async () => {
  pushButton.disabled = true;
  try {
    await (push.dataset.state === "on" ? endPush() : subscribePush());
    showPush(await pushState());
  } catch (error) {
    console.warn("Push:", error);
    showPush("failed");
  }
});
pushState().catch(() => "failed").then(showPush);
