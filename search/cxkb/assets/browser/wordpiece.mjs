/**
 * Cuts a text into word pieces, as the model's own tokenizer does in Python (wordpiece.py writes the settings).
 *
 * Characters are judged by the ranges in the settings, not by this browser's Unicode tables.
 *
 * @typedef {[number, number][]} Ranges  code points from the first to the last of each pair, both included
 * @typedef {object} Settings
 * @property {Record<string, number>} added  tokens recognised wherever a text spells them out
 * @property {number} first  the token before every text
 * @property {number} last  the token after every text
 * @property {number} unknown  stands for a word that no pieces make up
 * @property {string} prefix  begins every piece that does not begin a word
 * @property {number} longest  characters of a word; longer ones are unknown
 * @property {boolean} lowercase
 * @property {boolean} strip_accents
 * @property {boolean} ideographs_apart
 * @property {Ranges} removed
 * @property {Ranges} marks
 * @property {Ranges} punctuation
 */

/** The blocks that BERT takes for Chinese characters, with its gap between U+2B820 and U+2B91F. */
const IDEOGRAPHS = characters([
  [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xf900, 0xfaff], [0x20000, 0x2a6df],
  [0x2a700, 0x2b73f], [0x2b740, 0x2b81f], [0x2b920, 0x2ceaf], [0x2f800, 0x2fa1f],
]);

const WHITE_SPACE = /\p{White_Space}+/u;

/** Halves of a character beyond the basic plane that have lost the other half. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * @param {Settings} settings
 * @param {string} vocabulary  the pieces by their number, one a line
 * @returns {(text: string, limit: number) => number[]}  the numbers of a text's tokens, the first and the last among
 *   them; pieces past the limit are cut
 */
export function openTokenizer(settings, vocabulary) {
  const ids = new Map(vocabulary.trimEnd().split("\n").map((piece, id) => [piece, id]));
  const normalise = openNormaliser(settings);
  const punctuation = characters(settings.punctuation);
  const added = Object.keys(settings.added).sort((a, b) => b.length - a.length).map(escaped);
  const addedToken = added.length ? new RegExp(`(${added.join("|")})`, "u") : /(?!)/;

  /** The numbers of a word's pieces, each the longest that the vocabulary has; of `unknown` where one is missing. */
  function pieces(word) {
    const letters = [...word];
    if (letters.length > settings.longest) return [settings.unknown];
    const found = [];
    for (let start = 0; start < letters.length; ) {
      const prefix = start ? settings.prefix : "";
      let end = letters.length;
      while (end > start && !ids.has(prefix + letters.slice(start, end).join(""))) end--;
      if (end === start) return [settings.unknown];
      found.push(ids.get(prefix + letters.slice(start, end).join("")));
      start = end;
    }
    return found;
  }

  /** The words of a text that spells out no added token; a punctuation mark is a word. */
  function words(text) {
    return normalise(text).replace(punctuation, " $& ").split(WHITE_SPACE).filter(Boolean);
  }

  return (text, limit) => {
    const found = text
      .split(addedToken)
      .flatMap((part, n) => (n % 2 ? [settings.added[part]] : words(part).flatMap(pieces)));
    return [settings.first, ...found.slice(0, limit - 2), settings.last];
  };
}

/** @param {Settings} settings  @returns {(text: string) => string} */
function openNormaliser(settings) {
  const removed = characters(settings.removed);
  const marks = characters(settings.marks);
  return (text) => {
    let normal = text.replace(LONE_SURROGATE, "\ufffd").replace(removed, "");
    if (settings.ideographs_apart) normal = normal.replace(IDEOGRAPHS, " $& ");
    if (settings.strip_accents) normal = normal.normalize("NFD").replace(marks, "");
    // One character at a time: the whole word would turn a capital sigma at its end into ς, which the model never saw.
    if (settings.lowercase) normal = Array.from(normal, (character) => character.toLowerCase()).join("");
    return normal;
  };
}

/** @param {Ranges} ranges  @returns {RegExp}  every character in them; none for no ranges */
function characters(ranges) {
  const code = (point) => `\\u{${point.toString(16)}}`;
  return new RegExp(`[${ranges.map(([first, last]) => `${code(first)}-${code(last)}`).join("")}]`, "gu");
}

/** @param {string} text  @returns {string}  a pattern that matches just this */
function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
