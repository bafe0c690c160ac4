// While only a part of the page is there: its log is not shown yet, which stands at its end and would move with each further part.
{
  const root = document.documentElement;
  root.dataset.partial = "";
  document.addEventListener("readystatechange", () => delete root.dataset.partial);
}
