// Notifications and sound of this device: kept in local storage, where the client reads them (client/announcements/).
{
  const part = document.getElementById("device");
  for (const one of part.querySelectorAll("[data-script]")) one.hidden = one.dataset.script === "hides";
  const [shows, state, sound] = ["notifications", "state", "sound"].map((name) => document.getElementById("device-" + name));
  const [SHOWS, SOUND] = ["rapport.device.notifications", "rapport.device.sound"];
  const get = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const set = (key, value) => {
    try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value); } catch {}
  };
  const update = () => {
    const permission = "Notification" in window ? Notification.permission : "missing";
    const on = permission === "granted" && get(SHOWS) === "on";
    shows.checked = on;
    shows.disabled = permission === "denied" || permission === "missing";
    state.textContent = state.dataset[shows.disabled ? permission : on ? "on" : "off"];
    sound.checked = get(SOUND) !== "off";
  };
  shows.addEventListener("change", async () => {
    if (shows.checked && Notification.permission !== "granted") await Notification.requestPermission();
    set(SHOWS, shows.checked && Notification.permission === "granted" ? "on" : null);
    update();
  });
  sound.addEventListener("change", () => { set(SOUND, sound.checked ? null : "off"); update(); });
  document.getElementById("device-test").addEventListener("click", () => {
    new Audio("/notification.wav").play().catch(() => {});
  });
  // Another tab, or the browser's own settings.
  addEventListener("storage", update);
  addEventListener("focus", update);
  update();
}
