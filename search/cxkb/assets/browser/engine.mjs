/**
 * Answers questions as `cxkb ask` does, from the files that site_assets.py writes; in a browser's worker or in node.
 *
 * @typedef {import("./files.mjs").Manifest} Manifest
 * @typedef {import("./rank.mjs").Passage} Passage
 *
 * @typedef {object} Hit
 * @property {number} rank  counted from 1, best first
 * @property {number} score  higher is better; comparable within one question only
 * @property {string} kind  concept, tension, source or guide
 * @property {string} page  the page's id
 * @property {string} title  the page's
 * @property {string} heading  what the passage stands under
 * @property {string} location  relative to the site: `concepts/silos/#in-practice`
 * @property {string} text  the passage
 * @property {string} sentence  the one of the passage that is nearest to the question; may be empty
 * @property {{key: string, label: string}[]} sources  who and when
 * @property {string[]} concepts  ids
 *
 * @typedef {object} Answer
 * @property {string} query  the question, its white space made single
 * @property {boolean} answered  false when the hits are only the closest topics
 * @property {number | null} confidence  estimated probability that the hits answer; null without search by meaning
 * @property {Hit[]} hits
 */

import { openModel } from "./encoder.mjs";
import { openGloss } from "./gloss.mjs";
import { openLexical } from "./lexical.mjs";
import { compileMatmul } from "./matmul.mjs";
import { byScore, confidence, features, nearest, scorePages, shown } from "./rank.mjs";

/** Characters; the encoder reads about the first 1,000 of them. */
const LONGEST_QUESTION = 2000;

/** What Python takes for white space. */
const WHITE_SPACE = /[\p{White_Space}\x1c-\x1f]+/u;

/** What is no text: control characters, and halves of characters that have lost the other half. */
const NO_TEXT = /[\x00-\x08\x0b-\x1f\x7f\p{Surrogate}]/u;

/** A question that cannot be asked; the message is a sentence for the reader. */
export class QuestionError extends Error {
  name = "QuestionError";
}

/**
 * The texts are made ready while the model is on its way.
 *
 * @param {Manifest} manifest
 * @param {(role: string) => Promise<ArrayBuffer>} load  see files.mjs
 * @returns {Promise<Engine>}
 */
export async function openEngine(manifest, load) {
  const roles = Object.keys(manifest.files);
  const files = Object.fromEntries(roles.map((role) => [role, load(role).then((content) => new Uint8Array(content))]));
  const [texts, encoder] = await Promise.all([
    openTexts(files),
    manifest.model === null ? null : openEncoder(files),
    ...Object.values(files),
  ]);
  return new Engine(texts, encoder);
}

/** @param {Record<string, Promise<Uint8Array>>} files */
async function openTexts(files) {
  const [passages, gloss] = await Promise.all([files.passages, files.gloss]);
  return new Texts(json(passages), openGloss(json(gloss)));
}

/**
 * @param {Record<string, Promise<Uint8Array>>} files
 * @returns {Promise<{encode: (text: string) => Promise<Float32Array>, vectors: Int8Array}>}
 */
async function openEncoder(files) {
  const { encode } = await openModel(json(await files.model), files, files.matmul.then(compileMatmul));
  return { encode, vectors: new Int8Array((await files.vectors).buffer) };
}

/** What is searched, but for the vectors. */
class Texts {
  constructor(knowledge, gloss) {
    this.knowledge = knowledge;
    this.gloss = gloss;
    this.lexical = openLexical(knowledge.letters);
    /** @type {Map<string, {kind: string, page: string, title: string, start: number, passages: Passage[]}>} */
    this.pages = new Map();
    /** @type {[string, string][]}  row -> page and field; passages from outside have no field */
    this.fieldOf = [];
    for (const [kind, page, title, rows] of knowledge.pages) {
      const passages = rows.map(([role, location, heading, text, sources, concepts]) => (
        { role, location, heading, text, sources, concepts }
      ));
      this.pages.set(`${kind}/${page}`, { kind, page, title, start: this.fieldOf.length, passages });
      for (const { role } of passages) this.fieldOf.push([`${kind}/${page}`, knowledge.fields[role]]);
    }
    this.letters = lexicalIndexes(this.pages.values(), this.lexical);
  }
}

class Engine {
  /** @param {Texts} texts  @param {{encode: (text: string) => Promise<Float32Array>, vectors: Int8Array} | null} encoder */
  constructor(texts, encoder) {
    Object.assign(this, texts);
    this.encode = encoder?.encode ?? null;
    /** (passages, dimensions), in whole steps; none without search by meaning */
    this.vectors = encoder?.vectors ?? null;
  }

  /**
   * The `count` pages that answer best, one hit a page; or QuestionError for what is no question.
   *
   * @param {string} question
   * @param {number} count
   * @returns {Promise<Answer>}
   */
  async ask(question, count = 5) {
    const query = cleanQuestion(question);
    const glossed = this.gloss(query);
    return this.encode ? this.askByMeaning(query, glossed, count) : this.askByLetters(query, glossed, count);
  }

  /** @returns {Promise<Answer>} */
  async askByMeaning(query, glossed, count) {
    const { ranking, density, model } = this.knowledge;
    const cosines = this.cosines(await this.vector(query, glossed));
    const evidence = this.evidence(query, glossed, cosines);
    const scored = scorePages(evidence, ranking);
    const sure = confidence(features(scored, evidence, density), ranking);
    const hits = scored.slice(0, count).map((found, n) => {
      const { start, passages } = this.pages.get(found.page);
      return this.hit(n + 1, found, cosines.subarray(start, start + passages.length));
    });
    const answered = sure >= ranking.threshold || model !== ranking.model; // the threshold is fitted for one model
    return { query, answered: answered && hits.length > 0, confidence: sure, hits };
  }

  /** Pages by the letters that they share with the question: what is left where the model cannot run. @returns {Answer} */
  askByLetters(query, glossed, count) {
    const { letters } = this.knowledge.ranking;
    const scores = new Map();
    for (const field of Object.keys(letters)) {
      for (const [page, share] of this.byPage(this.shares(field, query, glossed))) {
        scores.set(page, (scores.get(page) ?? 0) + letters[field] * share);
      }
    }
    const scored = Array.from(scores, ([page, score]) => ({ page, score })).sort(byScore);
    const hits = scored.slice(0, count).map((found, n) => {
      const { passages } = this.pages.get(found.page);
      const shares = this.lexical.search(this.lexical.build(passages.map(({ text }) => [text])), query);
      return this.hit(n + 1, found, passages.map((_, place) => shares.get(place) ?? 0));
    });
    return { query, answered: hits.length > 0, confidence: null, hits };
  }

  /** The question's vector, halfway to its gloss's if it has one. */
  async vector(query, glossed) {
    const vector = await this.encode(query);
    if (!glossed) return vector;
    const other = await this.encode(glossed);
    const both = vector.map((number, n) => number + other[n]);
    const length = Math.hypot(...both);
    return both.map((number) => number / length);
  }

  /** Each passage's cosine to the vector, in [-1, 1]: (passages). */
  cosines(vector) {
    const { dimensions, step } = this.knowledge;
    const cosines = new Float32Array(this.fieldOf.length);
    for (let row = 0, at = 0; row < cosines.length; row++) {
      let dot = 0;
      for (let i = 0; i < dimensions; i++, at++) dot += vector[i] * this.vectors[at];
      cosines[row] = dot * step;
    }
    return cosines;
  }

  /** What there is on a question. @returns {import("./rank.mjs").Evidence} */
  evidence(query, glossed, cosines) {
    const least = Float32Array.from(cosines).sort().at(-this.knowledge.weighed) ?? -1; // few are worth sorting by row
    const order = Array.from(cosines.keys()).filter((row) => cosines[row] >= least);
    order.sort((one, other) => cosines[other] - cosines[one]);
    const weighed = order.slice(0, this.knowledge.weighed).map((row) => [row, cosines[row]]);
    const isOutside = ([row]) => this.fieldOf[row][1] === undefined;
    const near = weighed.filter((found) => !isOutside(found));
    const outside = this.shares("outside", query, glossed);
    return {
      near,
      nearest: nearest(near, (row) => this.fieldOf[row]),
      letters: {
        names: this.byPage(this.shares("names", query, glossed)),
        text: this.byPage(this.shares("text", query, glossed)),
      },
      outside: weighed.find(isOutside)?.[1] ?? -1,
      outsideLetters: Math.max(0, ...outside.values()),
      words: this.lexical.words(query).length,
    };
  }

  /** Number of a text of this lexical index -> share of the question's letters that it has, or of its gloss's. */
  shares(name, query, glossed) {
    const shares = this.lexical.search(this.letters[name], query);
    for (const [text, share] of glossed ? this.lexical.search(this.letters[name], glossed) : []) {
      shares.set(text, Math.max(shares.get(text) ?? 0, this.knowledge.gloss * share));
    }
    return shares;
  }

  /** The same with pages for their numbers. */
  byPage(shares) {
    const pages = Array.from(this.pages.keys());
    return new Map(Array.from(shares, ([number, share]) => [pages[number], share]));
  }

  /** @returns {Hit} */
  hit(rank, { page: name, score }, nearness) {
    const { kind, page, title, passages } = this.pages.get(name);
    const { passage, sentence } = shown(passages, nearness);
    const { location, heading, text, concepts } = passage;
    const sources = passage.sources.map((key) => ({ key, label: this.knowledge.labels[key] ?? key }));
    return { rank, score, kind, page, title, heading, location, text, sentence, sources, concepts };
  }
}

/** The lexical indexes of pages' names and of their texts, as build.py makes them, and of what is not answered. */
function lexicalIndexes(pages, lexical) {
  const [names, text, outside] = [[], [], []];
  for (const { title, passages } of pages) {
    const [ofNames, ofText] = [[], []];
    for (const passage of passages) {
      if (passage.role === "outside") outside.push([passage.text]);
      else if (passage.role === "body") ofText.push(passage.text);
      else if (passage.role !== "sentence") ofNames.push(passage.text);
      if (passage.role === "title") {
        ofNames.push(title);
        ofText.push(title, passage.text);
      }
    }
    names.push(ofNames);
    text.push(ofText);
  }
  return { names: lexical.build(names), text: lexical.build(text), outside: lexical.build(outside) };
}

/** The question with its white space made single. */
function cleanQuestion(text) {
  const query = text.split(WHITE_SPACE).filter(Boolean).join(" ");
  if (!query) throw new QuestionError("The question is empty. Ask in your own words.");
  if (Array.from(query).length > LONGEST_QUESTION) {
    throw new QuestionError(`The question is too long; ask in at most ${LONGEST_QUESTION} characters.`);
  }
  if (NO_TEXT.test(query)) throw new QuestionError("The question holds characters that are not text. Ask in words.");
  return query;
}

/** @param {Uint8Array} bytes */
function json(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes));
}
