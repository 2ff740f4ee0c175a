/**
 * Answers by meaning in Material's own search box, above what it finds by keywords.
 *
 * Material walks with the arrow keys through all links and summaries of its results, of which ours are part, and on Enter
 * follows the link whose first child has the greatest `data-md-score`; a link without such a child breaks that.
 */

import { SITE, ask } from "./client.mjs";
import { element } from "./elements.mjs";
import { openWaiting } from "./waiting.mjs";
import { CLOSEST, NO_ANSWER, sentence, sources, title, topic } from "./words.mjs";

const HITS = 3;

/** Milliseconds without a key before a question is asked. */
const PAUSE = 200;

/** Letters of the shortest question. */
const SHORTEST = 3;

const INVITATION = "Ask in your own words, in English, German or Dutch.";

/** `data-md-score` of the link that Enter follows, and of those that it never does. */
const FIRST = "Infinity";
const NEVER = "-1";

/** @param {HTMLInputElement} field  Material's  @param {HTMLElement} list  of what it found */
export function openBox(field, list) {
  const waiting = openWaiting(field, button);
  const answers = element("ol", { class: "cxkb-meaning__answers" });
  const heading = element("div", { class: "md-search-result__meta" }, "By meaning");
  list.parentElement.prepend(element("div", { class: "cxkb-meaning", role: "group", "aria-label": "By meaning" }, heading, waiting.element, answers));

  let pause = 0;
  let current = new AbortController();

  async function search() {
    const question = field.value.trim();
    current.abort();
    current = new AbortController();
    const { signal } = current;
    if (!(await waiting.begin()) || signal.aborted) return undefined;
    if (question.length < SHORTEST) return show([], INVITATION);
    try {
      const answer = await ask(question, HITS, signal);
      heading.textContent = answer.confidence === null ? "By letters, in all sections" : "By meaning";
      return answer.answered ? show(hits(answer), count(answer)) : show(topics(answer), NO_ANSWER);
    } catch (error) {
      return error.name === "AbortError" ? undefined : show([], sentence(error));
    }
  }

  function hits(answer) {
    const found = answer.hits.map((hit, place) => answerItem(hit, place ? NEVER : FIRST));
    const all = `${SITE}ask/?q=${encodeURIComponent(answer.query)}`;
    return [...found, element("li", { class: "cxkb-meaning__all" }, link(all, NEVER, { class: "md-search-result__link" }, "Full answers on a page"))];
  }

  function show(items, status) {
    const held = answers.contains(document.activeElement) ? document.activeElement.href : null;
    answers.replaceChildren(...items);
    if (held !== null) ([...answers.querySelectorAll("a")].find(({ href }) => href === held) ?? field).focus();
    answers.classList.remove("is-stale");
    waiting.say(status);
  }

  /** The answers shown are no longer those to the question in the field. */
  function age() {
    answers.classList.add("is-stale");
    answers.querySelector(`[data-md-score="${FIRST}"]`)?.setAttribute("data-md-score", NEVER);
    clearTimeout(pause);
    pause = setTimeout(search, PAUSE);
  }

  field.addEventListener("input", age);
  field.form.addEventListener("reset", () => setTimeout(age)); // when it is empty
  field.addEventListener("focus", () => answers.childElementCount || search()); // it may have failed for want of a connection
  search();
}

function answerItem(hit, score) {
  return element(
    "li",
    { class: "md-search-result__item" },
    link(
      SITE + hit.location, score, { class: "md-search-result__link" },
      element("strong", { class: "cxkb-meaning__title" }, title(hit)),
      element("p", {}, hit.sentence || hit.text),
      element("p", { class: "cxkb-meaning__sources" }, sources(hit)),
    ),
  );
}

function topics({ hits }) {
  return hits.slice(0, CLOSEST).map((hit) => {
    const page = SITE + hit.location.split("#")[0];
    return element("li", { class: "md-search-result__item" }, link(page, NEVER, { class: "md-search-result__link" }, topic(hit)));
  });
}

function count({ hits }) {
  return hits.length === 1 ? "1 page answers" : `${hits.length} pages answer`;
}

/** A link in the part of a button, for Material's arrow keys reach links only, and its space bar leads to the field. */
function button(name) {
  const made = element("a", { href: `${SITE}ask/`, role: "button", class: "cxkb-meaning__button", tabindex: "-1" }, element("span", { "data-md-score": NEVER }, name));
  made.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    made.click();
  });
  return made;
}

/** A link that Material's keys can deal with. */
function link(href, score, attributes, ...children) {
  const article = element("article", { class: "md-search-result__article md-typeset", "data-md-score": score }, ...children);
  return element("a", { href, tabindex: "-1", ...attributes }, article);
}
