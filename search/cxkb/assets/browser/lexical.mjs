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
 * @property {number[]} lengths  runs in each text
 * @property {number} mean  of the lengths
 * @property {Map<string, {texts: number[], times: number[]}>} postings  run -> the texts that have it, and how often
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

/** All that folding may change. */
const CASED = /[A-Z]|[^\x00-\x7f]/gu;

/** Letters whose folded case is not the lower case of their upper case. */
const FOLDED_APART = /[ı\p{Script=Cherokee}]/u;

/** @param {Settings} settings  @returns {Lexical} */
export function openLexical(settings) {
  const stop = new Set(settings.stop);
  const { run, k1, b } = settings;

  const words = (text) =>
    (caseFold(text).normalize("NFKC").match(WORD) ?? []).filter((word) => !stop.has(word)).map(fold);

  const build = (texts) => {
    const postings = new Map();
    const seen = new Map(); // most words of a text have been in another
    const postingOf = (found) => {
      let posting = postings.get(found);
      if (!posting) postings.set(found, (posting = { texts: [], times: [] }));
      return posting;
    };
    const postingsOf = (word) => {
      let found = seen.get(word);
      if (!found) seen.set(word, (found = runs(word, run).map(postingOf)));
      return found;
    };
    const lengths = texts.map((pieces, text) => {
      let length = 0;
      for (const [word, times] of count(pieces.flatMap(words))) {
        for (const posting of postingsOf(word)) {
          const last = posting.texts.length - 1;
          if (posting.texts[last] === text) {
            posting.times[last] += times;
          } else {
            posting.texts.push(text);
            posting.times.push(times);
          }
          length += times;
        }
      }
      return length;
    });
    return { lengths, mean: sum(lengths) / lengths.length, postings };
  };

  /** What a run that a text has so many times tells of it, but for how rare the run is. */
  const weight = (times, length, mean) => (times * (k1 + 1)) / (times + k1 * (1 - b + (b * length) / mean));

  const search = ({ lengths, mean, postings }, query) => {
    const scores = new Map();
    let best = 0; // letters that no text has count towards it: a query about something else stays low
    for (const [found, times] of count(words(query).flatMap((word) => runs(word, run)))) {
      const posting = postings.get(found) ?? { texts: [], times: [] };
      const rarity = idf(posting.texts.length, lengths.length);
      best += times * rarity * (k1 + 1);
      posting.texts.forEach((text, place) => {
        const share = weight(posting.times[place], lengths[text], mean) * rarity;
        scores.set(text, (scores.get(text) ?? 0) + times * share);
      });
    }
    for (const [text, score] of scores) scores.set(text, Math.min(1, score / best));
    return scores;
  };

  return { words, build, search };
}

/** The runs of letters of a word: silos -> _sil, silo, ilos, los_. */
export function runs(word, length) {
  const marked = `_${word}_`;
  const ends = [0]; // between characters, some of which are two units long
  for (const character of marked) ends.push(ends.at(-1) + character.length);
  const found = [];
  for (let at = 0; at === 0 || at + length < ends.length; at++) found.push(marked.slice(ends[at], ends[at + length]));
  return found;
}

/** The text without case and accents: Über -> uber. */
function fold(text) {
  return ASCII.test(text) ? text.toLowerCase() : caseFold(text).normalize("NFKD").replace(ACCENT, "");
}

/** The text with case folded as Unicode has it, one character at a time: ß, ẞ and SS all become ss. */
function caseFold(text) {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.replace(CASED, (character) => {
    if (FOLDED_APART.test(character)) return character === "ı" ? character : character.toUpperCase();
    return character.toLowerCase().toUpperCase().toLowerCase();
  });
}

/** Each of the values -> how often it is there. */
function count(values) {
  const times = new Map();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return times;
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
