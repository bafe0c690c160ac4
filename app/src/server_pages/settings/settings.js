// Applies the appearance as soon as it is chosen, and asks before other changes are lost.
const sheet = document.querySelector(".sheet.settings");
const forms = [...sheet.querySelectorAll("form")];
const appearance = document.querySelector("#appearance form");
for (const part of appearance.querySelectorAll("[data-script]")) part.hidden = part.dataset.script === "hides";

// Whoever goes through the choices by keyboard comes past some that are not meant.
let waiting;
appearance.addEventListener("change", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    waiting = undefined;
    try { sessionStorage.setItem("settings-choice", event.target.name); } catch {}
    appearance.requestSubmit();
  }, 500);
});
// Whoever leaves at once has chosen all the same.
const applies = () => {
  if (waiting === undefined) return;
  clearTimeout(waiting);
  waiting = undefined;
  const body = new URLSearchParams(new FormData(appearance));
  fetch(appearance.action, { method: "POST", body, keepalive: true, redirect: "manual" });
};
addEventListener("pagehide", applies);
// The page that answers goes on at the same choice: once it is loaded, as going to the fragment takes the focus away.
try {
  const name = sessionStorage.getItem("settings-choice");
  sessionStorage.removeItem("settings-choice");
  const goesOn = () => appearance.querySelector(`select[name=${name}],[name=${name}]:checked`)?.focus();
  if (name) addEventListener("load", () => requestAnimationFrame(goesOn), { once: true });
} catch {}

const isChanged = (field) =>
  field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked
    : field.type !== "hidden" && field.name !== "current" && field.defaultValue !== undefined
      && (field.value !== field.defaultValue || field.getAttribute("aria-invalid") === "true");
let sent, left;
const isLost = (form) => form.isConnected && form !== sent && form !== appearance && [...form.elements].some(isChanged);
const asks = () => !left && forms.some(isLost);
sheet.addEventListener("submit", (event) => { sent = event.target; });
addEventListener("beforeunload", (event) => {
  if (!asks()) return;
  event.preventDefault();
  event.returnValue = true;
  sent = undefined;
});
// Links within the application are followed without leaving the document.
addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || link?.target === "_blank";
  if (!link || elsewhere) return;
  if (!asks()) return applies();
  left = confirm(sheet.dataset.unsaved);
  if (left) return applies();
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
