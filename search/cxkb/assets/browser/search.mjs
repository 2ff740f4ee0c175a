/**
 * The one script of search by meaning that every page loads: it fetches the rest when a reader turns to search.
 *
 * Material's `document$` tells of every page that is shown, those of its instant navigation among them.
 */

/** What box.mjs and ask.mjs import, named here so that all come at once. */
const PARTS = ["client", "elements", "files", "waiting", "words"];

const document$ = window.document$ ?? { subscribe: (next) => next(document) };
const seen = new WeakSet();

document$.subscribe(() => {
  const field = document.querySelector("[data-md-component=search-query]");
  const list = document.querySelector(".md-search-result__list");
  if (field && list && !seen.has(field)) {
    seen.add(field);
    const open = () => load("./box.mjs", list).then((box) => box?.openBox(field, list));
    if (document.activeElement === field) open();
    else field.addEventListener("focus", open, { once: true });
  }
  const page = document.querySelector(".cxkb-asking");
  if (page && !seen.has(page)) {
    seen.add(page);
    load("./ask.mjs", page.lastElementChild).then((ask) => ask?.openPage(page));
  }
});

/** The module; without it, a sentence before this element, and nothing. */
async function load(name, element) {
  for (const part of PARTS) preload(part);
  try {
    return await import(name);
  } catch (error) {
    console.warn("cxkb:", error);
    const sentence = document.createElement("p");
    sentence.className = "cxkb-meaning__status";
    sentence.setAttribute("role", "status");
    sentence.textContent = "Search by meaning could not be loaded; search by keywords works as ever.";
    element.before(sentence);
    return null;
  }
}

function preload(part) {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = new URL(`./${part}.mjs`, import.meta.url).href;
  document.head.append(link);
}
