// Puts Rapport into a page: <script src="https://chat.example/embed.js" data-token="…"></script>
// The attributes, and the events of the frame, are described in docs/embed.md.
(() => {
  const script = document.currentScript;
  const server = new URL(script.src).origin;
  const { conversation, subject, lang, theme, height = "560", maxHeight = "800", title = "Chat", target } = script.dataset;
  let { token } = script.dataset;
  script.removeAttribute("data-token");

  const asked = { origin: location.origin, conversation, subject, lang, theme, autosize: height === "auto" ? "1" : "" };
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
  const frame = document.createElement("iframe");
  frame.src = `${server}/embed/start?${query}`;
  frame.title = title;
  frame.allow = "clipboard-write";
  frame.referrerPolicy = "no-referrer";
  // Its own origin, without a way to the page around it other than messages.
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox");
  const pixels = (text) => /^\d+$/.test(text) ? text + "px" : text;
  frame.style.cssText = "display:block;border:0;inline-size:100%;color-scheme:normal";
  frame.style.blockSize = height === "auto" ? "240px" : pixels(height);
  if (height === "auto") frame.style.maxBlockSize = pixels(maxHeight);

  const say = (message) => frame.contentWindow?.postMessage(message, server);
  const tell = (name, detail = {}) => frame.dispatchEvent(new CustomEvent("rapport:" + name, { bubbles: true, detail }));
  const respond = (fresh) => say({ type: "rapport:token", token: String(fresh) });
  let heard = false;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== server || typeof data?.type !== "string") return;
    heard = true;
    const { type, ...detail } = data;
    const name = type.replace(/^rapport:/, "");
    if (name === "height") {
      if (Number.isFinite(detail.height)) frame.style.blockSize = Math.max(240, Math.ceil(detail.height)) + "px";
    } else if (name !== "token-needed") {
      tell(name, detail);
    } else if (token) {
      respond(token);
      // Each token is good once.
      token = undefined;
    } else {
      tell("token-needed", { respond });
    }
  });
  // A frame that the browser blocks loads all the same, and says nothing.
  frame.addEventListener("load", () => setTimeout(() => {
    if (!heard) tell("error", { code: "blocked", message: "The frame did not load: is this origin one of RAPPORT_EMBED_ORIGINS?" });
  }, 5000), { once: true });
  new MutationObserver(() => say({ type: "rapport:theme", theme: script.dataset.theme }))
    .observe(script, { attributeFilter: ["data-theme"] });

  const place = target && document.querySelector(target);
  place ? place.append(frame) : script.after(frame);
})();
