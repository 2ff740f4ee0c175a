/**
 * The page for asking: the question of its address answered in full, every question an entry in the history.
 */

import { SITE, ask } from "./client.mjs";
import { element } from "./elements.mjs";
import { openWaiting } from "./waiting.mjs";
import { CLOSEST, NO_ANSWER, sentence, title, topic } from "./words.mjs";

const HITS = 5;

/** Answers the question of the address on the page that is shown. */
let answerHere = () => {};

addEventListener("popstate", () => answerHere());
document.querySelector(".md-search")?.addEventListener("click", follow);

/** @param {HTMLElement} page  the part of the page with the form */
export function openPage(page) {
  const form = page.querySelector("form");
  const field = form.elements.namedItem("q");
  const examples = page.querySelector(".cxkb-examples");
  const waiting = openWaiting(field, (name) => element("button", { type: "button", class: "md-button" }, name));
  const answers = element("div", { class: "cxkb-answers" });
  page.append(waiting.element, answers);

  let shown = null;
  let current = new AbortController();

  if (page.dataset.asked) {
    history.replaceState(history.state, "", address(page.dataset.asked)); // asked.js took it out
    delete page.dataset.asked;
  }

  answerHere = () => {
    if (!page.isConnected) return;
    const question = (new URLSearchParams(location.search).get("q") ?? "").trim();
    if (question === shown) return;
    shown = question;
    field.value = question;
    answer(question);
  };

  async function answer(question) {
    current.abort();
    current = new AbortController();
    const { signal } = current;
    answers.replaceChildren();
    waiting.say("");
    if (examples) examples.hidden = question !== "";
    if (!question) return field.focus();
    if (!(await waiting.begin()) || signal.aborted) return undefined;
    try {
      const found = await ask(question, HITS, signal);
      answers.replaceChildren(...(found.answered ? found.hits.map(answerArticle) : [topics(found)]));
      return waiting.say(found.answered ? `${found.hits.length} pages answer, the best first` : NO_ANSWER);
    } catch (error) {
      return error.name === "AbortError" ? undefined : waiting.say(sentence(error));
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() !== shown) history.pushState(null, "", address(field.value.trim()));
    answerHere();
  });
  page.addEventListener("click", follow);
  field.addEventListener("focus", () => waiting.begin(), { once: true });
  answerHere();
}

/** Go from one question to another; Material takes links that differ in nothing else for links to the same place. */
function follow(event) {
  const link = event.target.closest("a[href]");
  const isPlain = link && !event.metaKey && !event.ctrlKey && !event.shiftKey && document.querySelector(".cxkb-asking");
  if (!isPlain || link.pathname !== location.pathname || !link.search) return;
  event.preventDefault();
  event.stopPropagation();
  if (link.href !== location.href) history.pushState(null, "", link.href);
  answerHere();
}

/** The address of this page with a question. */
function address(question) {
  const url = new URL(location.href);
  url.hash = "";
  url.searchParams.set("q", question);
  return url.href;
}

function answerArticle(hit) {
  const parts = hit.sentence && hit.text.includes(hit.sentence) ? split(hit.text, hit.sentence) : [hit.text];
  return element(
    "article",
    { class: "cxkb-answer" },
    element("h2", {}, element("a", { href: SITE + hit.location }, title(hit))),
    element("p", {}, ...parts),
    hit.sources.length ? sourceLinks(hit.sources) : null,
  );
}

/** The text with its best sentence marked. */
function split(text, best) {
  const start = text.indexOf(best);
  return [text.slice(0, start), element("mark", {}, best), text.slice(start + best.length)];
}

function sourceLinks(found) {
  const links = found.flatMap(({ key, label }, place) => [
    place ? "; " : null,
    element("a", { href: `${SITE}sources/${encodeURIComponent(key)}/` }, label),
  ]);
  return element("p", { class: "cxkb-answer__sources" }, found.length === 1 ? "Source: " : "Sources: ", ...links);
}

function topics({ hits }) {
  const items = hits.slice(0, CLOSEST).map((hit) => {
    return element("li", {}, element("a", { href: SITE + hit.location.split("#")[0] }, topic(hit)));
  });
  return element("ul", {}, ...items);
}
