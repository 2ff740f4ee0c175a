/**
 * Search by letters, as lexical.py has it: BM25 over runs of letters within words. The index is built here, from the texts.
 *
 * @typedef {object} Settings  what browser.py writes
 * @property {number} run  letters a run
 * @property {number} k1  saturation of repeated runs
 * @property {number} b  discount for long texts
 * @property {string[]} stop  words that tell nothing
 *
 * @typedef {object} Index
 * @property {number} total  texts
 * @property {Map<string, {idf: number, texts: number[], weights: number[]}>} postings  run -> the texts that have it
 *
 * @typedef {object} Lexical
 * @property {(text: string) => string[]} words  without case, accents and stop words
 * @property {(texts: string[][]) => Index} build  from texts, each given as its pieces
 * @property {(index: Index, query: string) => Map<number, number>} search  number of a text -> share, in (0, 1], of the
 *   best score that the query could get; texts that share nothing are left out
 */

/** Letters and digits, with the accents that no composed letter has. */
const WORD = /(?:[\p{L}\p{N}][\u0300-\u036f]*)+/gu;

const ASCII = /^[\x00-\x7f]*$/;

/** Marks, but for three vowel signs: Python goes by combining classes, and they have none. */
const ACCENT = /(?![\u0bd7\u102e\u1b35])\p{M}/gu;

/** Letters whose folded case is not the lower case of their upper case. */
const FOLDED_APART = /[ı\p{Script=Cherokee}]/u;

/** @param {Settings} settings  @returns {Lexical} */
export function openLexical(settings) {
  const stop = new Set(settings.stop);
  const { run, k1, b } = settings;

  const words = (text) =>
    (caseFold(text).normalize("NFKC").match(WORD) ?? []).filter((word) => !stop.has(word)).map(fold);

  const count = (pieces) => {
    const times = new Map();
    for (const piece of pieces) {
      for (const word of words(piece)) {
        for (const found of runs(word, run)) times.set(found, (times.get(found) ?? 0) + 1);
      }
    }
    return times;
  };

  const build = (texts) => {
    const counts = texts.map(count);
    const lengths = counts.map((times) => sum(times.values()));
    const mean = sum(lengths) / lengths.length;
    const postings = new Map();
    counts.forEach((times, text) => {
      for (const [found, n] of times) {
        if (!postings.has(found)) postings.set(found, { idf: 0, texts: [], weights: [] });
        const posting = postings.get(found);
        posting.texts.push(text);
        posting.weights.push((n * (k1 + 1)) / (n + k1 * (1 - b + (b * lengths[text]) / mean)));
      }
    });
    for (const posting of postings.values()) {
      posting.idf = idf(posting.texts.length, texts.length);
      posting.weights = posting.weights.map((weight) => weight * posting.idf);
    }
    return { total: texts.length, postings };
  };

  const search = (index, query) => {
    const scores = new Map();
    let best = 0; // letters that no text has count towards it: a query about something else stays low
    for (const [found, times] of count([query])) {
      const posting = index.postings.get(found);
      best += times * (posting?.idf ?? idf(0, index.total)) * (k1 + 1);
      posting?.texts.forEach((text, n) => scores.set(text, (scores.get(text) ?? 0) + times * posting.weights[n]));
    }
    for (const [text, score] of scores) scores.set(text, Math.min(1, score / best));
    return scores;
  };

  return { words, build, search };
}

/** The runs of letters of a word: silos -> _sil, silo, ilos, los_. */
export function runs(word, length) {
  const marked = ["_", ...word, "_"];
  return Array.from({ length: Math.max(1, marked.length - length + 1) }, (_, at) => marked.slice(at, at + length).join(""));
}

/** The text without case and accents: Über -> uber. */
function fold(text) {
  return ASCII.test(text) ? text.toLowerCase() : caseFold(text).normalize("NFKD").replace(ACCENT, "");
}

/** The text with case folded as Unicode has it, one character at a time: ß, ẞ and SS all become ss. */
function caseFold(text) {
  if (ASCII.test(text)) return text.toLowerCase();
  return Array.from(text, (character) => {
    if (FOLDED_APART.test(character)) return character === "ı" ? character : character.toUpperCase();
    return character.toLowerCase().toUpperCase().toLowerCase();
  }).join("");
}

/** Inverse document frequency of a run that `having` of `total` texts have. */
function idf(having, total) {
  return Math.log(1 + (total - having + 0.5) / (having + 0.5));
}

/** @param {Iterable<number>} numbers */
function sum(numbers) {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
