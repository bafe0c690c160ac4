// Signing out by choice deletes everything that this browser keeps. An expired sign-in keeps it: its owner comes back.
{
  const mark = "rapport.signed-out", opened = Date.now();
  // Pages before the sign-in show nothing of anybody.
  const leave = () => { if (!document.querySelector(".outside")) location.replace("/sign-in"); };
  try {
    // The answer to a sign-out sets this cookie for the page after it, which tells the other tabs.
    if (/(^|; )signed-out=/.test(document.cookie)) {
      document.cookie = "signed-out=;Path=/;Max-Age=0;SameSite=Lax";
      localStorage.clear();
      sessionStorage.clear();
      localStorage.setItem(mark, opened);
      // With its worker the browser's push subscription ends.
      navigator.serviceWorker?.getRegistrations().then((all) => all.forEach(async (worker) => {
        for (const shown of await worker.getNotifications()) shown.close();
        worker.unregister();
      }));
    }
  } catch {}
  addEventListener("storage", ({ key, newValue }) => { if (key === mark && newValue) leave(); });
  addEventListener("pageshow", ({ persisted }) => {
    try { if (persisted && localStorage.getItem(mark) > opened) leave(); } catch {}
  });
  const isUnsent = () => {
    if (document.querySelector("[data-draft]")?.value.trim()) return true;
    try { return Object.keys(localStorage).some((key) => /^rapport\.(draft|outbox)\./.test(key)); } catch { return false; }
  };
  addEventListener("submit", (event) => {
    const form = event.target, dialog = document.getElementById("confirm-sign-out");
    if (!("signOut" in form.dataset) || form.dataset.signOut || !dialog || !isUnsent()) return;
    event.preventDefault();
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (!dialog.returnValue) return;
      form.dataset.signOut = dialog.returnValue;
      form.requestSubmit();
    };
    dialog.showModal();
  });
}
