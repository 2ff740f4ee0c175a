/**
 * Dense and lexical evidence -> pages in order, each with its best passage, and how sure we are; as rank.py has it.
 *
 * @typedef {string} Page  kind and id: `concept/silos`
 * @typedef {"names" | "text"} Field
 *
 * @typedef {object} Weights
 * @property {number} second  weight of a field's second-nearest passage, in [0, 1); the nearest has the rest
 * @property {Record<Field, number>} letters  weight of a field's lexical score
 * @property {number} intercept  of the logistic regression that estimates whether the best page answers
 * @property {Record<string, number>} coefficients
 * @property {number} threshold  confidence, in [0, 1], below which there is no answer
 *
 * @typedef {object} Evidence
 * @property {[number, number][]} near  rows of passages with their cosines in [-1, 1], nearest first
 * @property {Map<Page, Map<Field, [number, number]>>} nearest  cosines of each field's two nearest passages
 * @property {Record<Field, Map<Page, number>>} letters  share, in (0, 1], of the query's letters that a page has
 * @property {number} outside  cosine of the nearest question that is not answered; -1 if there are none
 * @property {number} outsideLetters  share of the query's letters that the most alike of those has
 * @property {number} words  how many words of the query are no stop words
 *
 * @typedef {object} Scored
 * @property {Page} page
 * @property {number} score
 * @property {number} nearest  cosine of its nearest passage
 * @property {number} letters  what letters add to the score
 *
 * @typedef {object} Passage
 * @property {string} role
 * @property {string} location
 * @property {string} heading
 * @property {string} text
 * @property {string[]} sources
 * @property {string[]} concepts
 */

/**
 * The cosines of each field's two nearest passages; those of a field with only one are equal.
 *
 * @param {[number, number][]} near  rows with their cosines, nearest first
 * @param {(row: number) => [Page, Field]} fieldOf
 * @returns {Map<Page, Map<Field, [number, number]>>}
 */
export function nearest(near, fieldOf) {
  const found = new Map();
  const complete = new Set();
  for (const [row, cosine] of near) {
    const [page, field] = fieldOf(row);
    if (!found.has(page)) found.set(page, new Map());
    const fields = found.get(page);
    if (!fields.has(field)) {
      fields.set(field, [cosine, cosine]);
    } else if (!complete.has(fields.get(field))) {
      fields.get(field)[1] = cosine;
      complete.add(fields.get(field));
    }
  }
  return found;
}

/** Every page that has a passage near the query, best first. @param {Evidence} evidence  @param {Weights} weights */
export function scorePages(evidence, weights) {
  const scored = [];
  for (const [page, fields] of evidence.nearest) {
    let [dense, letters, first] = [0, 0, -Infinity];
    for (const [field, cosines] of fields) {
      dense += (1 - weights.second) * cosines[0] + weights.second * cosines[1];
      letters += weights.letters[field] * (evidence.letters[field].get(page) ?? 0);
      first = Math.max(first, cosines[0]);
    }
    scored.push({ page, score: dense / fields.size + letters, nearest: first, letters });
  }
  return scored.sort(byScore);
}

/** Best first, equal ones in the order of their ids. @param {Scored} one  @param {Scored} other */
export function byScore(one, other) {
  return other.score - one.score || (one.page < other.page ? -1 : 1);
}

/**
 * What confidence is estimated from.
 *
 * @param {Scored[]} scored  best first
 * @param {Evidence} evidence
 * @param {number} density  the passage, counted from the nearest, whose cosine tells how much there is on a matter
 * @returns {Record<string, number>}
 */
export function features(scored, evidence, density) {
  const best = scored[0] ?? { score: 0, nearest: 0, letters: 0 };
  const rival = scored[Math.min(3, scored.length - 1)] ?? best;
  return {
    nearest: best.nearest,
    letters: best.letters,
    lead: best.score - rival.score,
    density: evidence.near[Math.min(density, evidence.near.length) - 1]?.[1] ?? 0,
    outside: evidence.outside,
    outside_letters: evidence.outsideLetters,
    length: Math.log1p(evidence.words),
  };
}

/** Estimated probability, in [0, 1], that the knowledge base answers: a logistic regression over `features`. */
export function confidence(found, weights) {
  const terms = Object.entries(weights.coefficients).map(([name, coefficient]) => coefficient * found[name]);
  return 1 / (1 + Math.exp(-terms.reduce((sum, term) => sum + term, weights.intercept)));
}

/**
 * What a page shows: of its passages of running text the one that is nearest to the query, or has the sentence that is;
 * and that sentence.
 *
 * @param {Passage[]} passages  the page's, in reading order
 * @param {number[]} cosines  theirs
 * @returns {{passage: Passage, sentence: string}}
 */
export function shown(passages, cosines) {
  let [best, passage, body] = [-Infinity, passages[0], passages[0]];
  passages.forEach((one, n) => {
    if (one.role === "body") body = one;
    else if (one.role !== "sentence") return;
    if (cosines[n] > best) [best, passage] = [cosines[n], body];
  });
  let [nearest, sentence] = [-Infinity, null];
  passages.forEach((one, n) => {
    const isShown = one.role === "sentence" && one.location === passage.location && passage.text.includes(one.text);
    if (isShown && cosines[n] > nearest) [nearest, sentence] = [cosines[n], one.text];
  });
  return { passage, sentence: sentence ?? (passage.role === "body" ? passage.text : "") };
}
