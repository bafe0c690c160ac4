// Gives the list the width that this browser has for it, before the first paint.
try {
  const width = localStorage.getItem("rapport.list-width");
  if (width) document.documentElement.style.setProperty("--list-width", width);
} catch {}
