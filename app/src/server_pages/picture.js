// The image of a person that cannot be loaded gives way to the initials under it, until it gets another address.
const selector = ".avatar-image";
const mark = (image, broken) => image.classList.toggle("is-broken", broken);
// At the document: the window sees no `load` of an image.
for (const type of ["error", "load"])
  document.addEventListener(type, ({ target }) => { if (target.matches?.(selector)) mark(target, type === "error"); }, true);
for (const image of document.querySelectorAll(selector)) mark(image, image.complete && !image.naturalWidth);
