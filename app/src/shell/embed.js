// Between an embedded page and the page around it, which the server has allowed by its policy (`frame-ancestors`): says what
// changes, and takes a theme and tokens. The `data-` attributes of the document are what it watches.
const html = document.documentElement, asked = new URLSearchParams(location.search);
const page = asked.get("origin") ?? location.ancestorOrigins?.[0];
if (page && parent !== window) {
  const tell = (type, detail) => parent.postMessage({ type: "rapport:" + type, ...detail }, page);
  const told = {};
  const changed = (name, value) => value !== undefined && told[name] !== value && ((told[name] = value), true);
  const look = async () => {
    const { hydrated, unread, link } = html.dataset;
    if (changed("hydrated", hydrated)) tell("ready");
    if (changed("unread", unread)) tell("unread", { unread: Number(unread) });
    if (!changed("link", link)) return;
    tell("status", { status: link });
    // The connection was refused for good: it helps to sign in again if the sign-in has ended.
    if (link === "failed" && (await fetch("/embed/session").catch(() => null))?.status === 401) tell("token-needed");
  };
  new MutationObserver(look).observe(html, { attributeFilter: ["data-hydrated", "data-unread", "data-link"] });
  look();
  addEventListener("message", async ({ source, origin, data }) => {
    if (source !== parent || origin !== page) return;
    if (data?.type === "rapport:theme" && ["auto", "light", "dark"].includes(data.theme)) html.dataset.theme = data.theme;
    if (data?.type !== "rapport:token") return;
    const answer = await fetch("/embed/session", { method: "POST", body: new URLSearchParams({ token: data.token }) });
    if (answer.ok) location.reload();
    else tell("error", (await answer.json()).error);
  });
  if (asked.get("autosize")) {
    const measure = () => {
      const box = document.querySelector(".log") ?? document.querySelector("nav.list");
      if (box) tell("height", { height: innerHeight + box.scrollHeight - box.clientHeight });
    };
    let frame = 0;
    const soon = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(measure); };
    new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
    addEventListener("resize", soon);
    soon();
  }
}
