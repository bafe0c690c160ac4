// Until the page is live: keeps what is typed where the live page keeps it, and shows what was kept. `data-draft` of the
// composer says where. What was sent is known by its id standing in the page.
const field = document.querySelector("[data-draft]");
if (field) try {
  const key = field.dataset.draft, sent = "sent." + key, live = () => "hydrated" in document.documentElement.dataset;
  const id = localStorage.getItem(sent);
  if (id) {
    localStorage.removeItem(sent);
    if (document.querySelector(`[data-client-id="${id}"]`)) localStorage.removeItem(key);
  }
  if (field.value) localStorage.setItem(key, field.value);
  else field.value = localStorage.getItem(key) ?? "";
  field.addEventListener("input", () => { if (!live()) localStorage.setItem(key, field.value); });
  field.form.addEventListener("submit", () => { if (!live()) localStorage.setItem(sent, field.form.client_id.value); });
} catch {}
