// First page of the frame: takes a token from the page around it, and goes on when the browser has kept the sign-in.
const start = document.querySelector("[data-target]"), { target } = start.dataset;
const page = start.dataset.origin || location.ancestorOrigins?.[0];
if (page && parent !== window) {
  const tell = (type, detail) => parent.postMessage({ type: "rapport:" + type, ...detail }, page);
  let busy = false;
  addEventListener("message", async ({ source, origin, data }) => {
    if (source !== parent || origin !== page || data?.type !== "rapport:token" || busy) return;
    busy = true;
    try {
      const answer = await fetch("/embed/session", { method: "POST", body: new URLSearchParams({ token: data.token }) });
      if (!answer.ok) throw (await answer.json()).error;
      const kept = await fetch("/embed/session");
      if (!kept.ok) throw { code: "no_cookies", message: "The browser keeps no cookie for this frame" };
      location.replace(target);
    } catch ({ code = "unreachable", message }) {
      busy = false;
      start.hidden = false;
      tell("error", { code, message });
    }
  });
  tell("token-needed");
}
