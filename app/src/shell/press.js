// On glass, a message or a row of the list that is pressed for long opens its menu. Where a page may not copy, texts stay to be selected.
if (isSecureContext && matchMedia("(hover: none)").matches) {
  const html = document.documentElement;
  html.dataset.press = "";
  let timer, at, button;
  const stop = () => clearTimeout(timer);
  addEventListener("pointerdown", (event) => {
    stop();
    button = 0;
    const { target } = event, row = event.isPrimary && "hydrated" in html.dataset && target.closest(".message,.list-row");
    if (!row || row.matches(".message") && target.closest("a[href],button,label")) return;
    at = event;
    timer = setTimeout(() => (button = row.querySelector(".menu-button,.row-menu"))?.click(), 450);
  });
  addEventListener("pointermove", (event) => { if (at && Math.hypot(event.x - at.x, event.y - at.y) > 10) stop(); });
  addEventListener("pointercancel", stop);
  addEventListener("contextmenu", (event) => { if (button) event.preventDefault(); });
  // The row is a link: the finger that is lifted does not follow it.
  addEventListener("click", (event) => { if (button && event.target.closest(".item")) event.preventDefault(); }, true);
  addEventListener("pointerup", () => {
    stop();
    const held = button, menu = held && document.getElementById(held.getAttribute("popovertarget"));
    if (!menu) return;
    // The browser takes the finger that is lifted for one beside the menu.
    const again = () => held.click();
    menu.addEventListener("toggle", again, { once: true });
    setTimeout(() => menu.removeEventListener("toggle", again), 150);
  });
}
