/**
 * German and Dutch questions glossed into English word for word, as gloss.py has it.
 *
 * @typedef {object} Settings  what browser.py writes
 * @property {Record<string, string>} lexicons  language -> lines of word or phrase, tab, gloss; the first is a heading
 * @property {Record<string, string[]>} endings  language -> endings of regular inflection, longest first
 * @property {string[]} joints  what stands between the parts of a compound
 * @property {number} shortest_part  letters of a part or a stem
 * @property {number} longest_phrase  words
 * @property {number} longest_compound  letters
 * @property {number} least_known  share of words that a lexicon must know
 * @property {string[]} english  words that questions in English are made with
 * @property {number} most_english  share of them above which a question is English
 */

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

/** @param {Settings} settings  @returns {(query: string) => string | null}  null for what is not German or Dutch */
export function openGloss(settings) {
  const english = new Set(settings.english);
  let lexicons; // most questions are in English, and need none
  return (query) => {
    const words = (query.toLowerCase().normalize("NFC").match(WORD) ?? []).map((word) => word.replaceAll("’", "'"));
    if (words.filter((word) => english.has(word)).length > settings.most_english * words.length) return null;
    lexicons ??= Object.keys(settings.lexicons).map((language) => new Lexicon(language, settings));
    const tried = lexicons.map((lexicon) => lexicon.gloss(words));
    const best = tried.reduce((one, other) => (other.known > one.known ? other : one));
    const differs = best.gloss.toLowerCase().split(/\s+/).filter(Boolean).join(" ") !== words.join(" ");
    return differs && best.known >= settings.least_known * words.length ? best.gloss : null;
  };
}

export class Lexicon {
  /** @param {string} language  @param {Settings} settings */
  constructor(language, settings) {
    this.settings = settings;
    this.endings = settings.endings[language];
    const [, ...lines] = settings.lexicons[language].trimEnd().split("\n");
    /** @type {Map<string, string>}  word or phrase -> gloss; an empty one drops a word that carries nothing */
    this.entries = new Map(lines.map((line) => line.split("\t")));
    /** @type {Map<string, string>}  stem -> gloss of the first entry that has it */
    this.stems = new Map();
    for (const [entry, gloss] of this.entries) {
      const stem = this.stem(entry);
      if (gloss && !this.stems.has(stem)) this.stems.set(stem, gloss);
    }
  }

  /** How many of the words are known, and the glosses of all, unknown words as they are. */
  gloss(words) {
    const found = [];
    let known = 0;
    for (let at = 0; at < words.length; ) {
      let length = Math.min(this.settings.longest_phrase, words.length - at);
      let gloss = null;
      for (; length > 0 && gloss === null; length--) {
        const phrase = words.slice(at, at + length).join(" ");
        gloss = length > 1 ? (this.entries.get(phrase) ?? null) : this.lookUp(phrase);
        if (gloss !== null) break;
      }
      if (gloss === null) length = 1;
      else known += length;
      found.push(gloss ?? words[at]);
      at += length;
    }
    return { known, gloss: found.filter(Boolean).join(" ") };
  }

  /** The word's gloss, perhaps by its stem or its parts; null for an unknown word. */
  lookUp(word) {
    return this.entries.get(word) ?? this.inflected(word) ?? this.compound(word);
  }

  /** The gloss of the first entry that has the word's stem. */
  inflected(word) {
    const stem = this.stem(word);
    return stem.length < this.settings.shortest_part ? null : (this.stems.get(stem) ?? null);
  }

  /** The glosses of a compound's parts: the longest first part that leaves a known rest. */
  compound(word) {
    const shortest = this.settings.shortest_part;
    if (word.length > this.settings.longest_compound) return null;
    for (let at = word.length - shortest; at >= shortest; at--) {
      const first = this.head(word.slice(0, at));
      const rest = first && (this.part(word.slice(at)) || this.compound(word.slice(at)));
      if (rest) return `${first} ${rest}`;
    }
    return null;
  }

  /** The gloss of a compound's first part, with or without what joins it to the next. */
  head(part) {
    for (const joint of this.settings.joints) {
      const gloss = part.endsWith(joint) && this.part(part.slice(0, part.length - joint.length));
      if (gloss) return gloss;
    }
    return null;
  }

  part(part) {
    return part.length < this.settings.shortest_part ? null : (this.entries.get(part) ?? this.inflected(part));
  }

  /** The word without the ending of regular inflection. */
  stem(word) {
    const least = this.settings.shortest_part;
    const ending = this.endings.find((one) => word.endsWith(one) && word.length - one.length >= least) ?? "";
    return word.slice(0, word.length - ending.length);
  }
}
