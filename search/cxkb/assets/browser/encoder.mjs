/**
 * A text's vector: the forward pass of a BERT encoder over quantised weights, as bert.py has it in Python.
 *
 * Shapes in comments: n tokens, h the width of a token's state, f the width of the feed-forward layer.
 *
 * @typedef {import("./matmul.mjs").Matmul} Matmul
 * @typedef {{type: string, shape: number[], offset: number, scales?: number, step?: number}} Tensor  offsets in bytes, in
 *   the piece `layers`; the word table is in blocks instead: see table.mjs
 *
 * @typedef {object} Header  what quantise.py writes
 * @property {number} format
 * @property {number} hidden
 * @property {number} heads
 * @property {number} layers
 * @property {number} epsilon
 * @property {number} limit  tokens that are read
 * @property {"mean" | "first"} pooling
 * @property {import("./wordpiece.mjs").Settings} tokenizer
 * @property {Record<string, Tensor>} tensors
 *
 * @typedef {object} Pieces  each as it is or as a promise
 * @property {Uint8Array} words  compressed by the block
 * @property {Uint8Array} layers
 * @property {Uint8Array} vocabulary
 */

import { openTable } from "./table.mjs";
import { openTokenizer } from "./wordpiece.mjs";

/** The version of the header and the pieces that is read here. */
export const FORMAT = 3;

const WORDS = "embeddings.word_embeddings.weight";

/** Rows that matmul.wasm does at a time. */
const ROWS_AT_ONCE = 4;

/**
 * @param {Header} header
 * @param {Pieces} pieces
 * @param {import("./matmul.mjs").OpenMatmul | Promise<import("./matmul.mjs").OpenMatmul>} openMatmul
 * @returns {Promise<{encode: (text: string) => Promise<Float32Array>, tokenize: (text: string) => number[]}>}  `encode`
 *   gives the text's vector, (h) of length one; text past the model's limit is cut
 */
export async function openModel(header, pieces, openMatmul) {
  if (header.format !== FORMAT) throw new Error(`The model has format ${header.format}; this code reads ${FORMAT}.`);
  const cut = openTokenizer(header.tokenizer, new TextDecoder().decode(await pieces.vocabulary)); // the layers come later
  const encoder = new Encoder(header, await pieces.words, await pieces.layers, await openMatmul);
  const tokenize = (text) => cut(text, header.limit);
  return { tokenize, encode: (text) => encoder.encode(tokenize(text)) };
}

class Encoder {
  /** @param {Header} header  @param {Uint8Array} words  @param {Uint8Array} layers  @param {import("./matmul.mjs").OpenMatmul} openMatmul */
  constructor(header, words, layers, openMatmul) {
    this.header = header;
    this.tensors = header.tensors;
    this.rows = openTable(this.tensors[WORDS], words);
    const { hidden, limit } = header;
    const inner = this.tensors["encoder.layer.0.intermediate.dense.weight"].shape[0];
    const rows = Math.ceil(limit / ROWS_AT_ONCE) * ROWS_AT_ONCE;

    // One block of memory: the layers' weights as they come, then what is computed, each with room for the limit.
    let size = layers.length;
    const reserve = (width) => {
      const start = Math.ceil(size / 16) * 16;
      size = start + rows * width * Float32Array.BYTES_PER_ELEMENT;
      return start;
    };
    const places = {
      states: reserve(hidden), query: reserve(hidden), key: reserve(hidden), value: reserve(hidden),
      mixed: reserve(hidden), change: reserve(hidden), inner: reserve(inner),
    };
    /** @type {Matmul} */
    const { memory, linear } = openMatmul(size);
    this.memory = memory;
    this.linear = linear;
    new Uint8Array(memory).set(layers);
    this.places = places;
  }

  /** @param {number[]} ids  n token numbers  @returns {Promise<Float32Array>}  (h), of length one */
  async encode(ids) {
    const rows = await this.rows(ids); // nothing is waited for from here on: all texts share one memory
    const { hidden, layers } = this.header;
    const n = ids.length;
    const { states: place, change: changePlace } = this.places;
    const states = this.at(place, n * hidden);
    const change = this.at(changePlace, n * hidden);
    this.embed(rows, states);
    this.normalise(states, "embeddings.LayerNorm");
    for (let layer = 0; layer < layers; layer++) {
      const name = `encoder.layer.${layer}`;
      this.attend(n, name);
      add(states, change);
      this.normalise(states, `${name}.attention.output.LayerNorm`);
      this.project(place, n, `${name}.intermediate.dense`, this.places.inner);
      gelu(this.at(this.places.inner, n * this.tensors[`${name}.intermediate.dense.weight`].shape[0]));
      this.project(this.places.inner, n, `${name}.output.dense`, changePlace);
      add(states, change);
      this.normalise(states, `${name}.output.LayerNorm`);
    }
    return unit(this.header.pooling === "mean" ? sumOfRows(states, hidden) : states.slice(0, hidden));
  }

  /** What each token means by itself, n rows of the word table, at its position: into `states`, (n, h). */
  embed(rows, states) {
    const { hidden } = this.header;
    const { step } = this.tensors[WORDS];
    const positions = this.tensors["embeddings.position_embeddings.weight"];
    const segment = this.floats("embeddings.token_type_embeddings.weight");
    const steps = new Int8Array(this.memory, positions.offset, rows.length * hidden);
    const scales = new Float32Array(this.memory, positions.scales, rows.length);
    rows.forEach((row, position) => {
      for (let i = 0, here = position * hidden; i < hidden; i++, here++) {
        states[here] = row[i] * step + steps[here] * scales[position] + segment[i];
      }
    });
  }

  /** Multi-head self-attention of the states, (n, h), into `change`, (n, h). */
  attend(n, layer) {
    const { hidden, heads } = this.header;
    const { states, query, key, value, mixed, change } = this.places;
    this.project(states, n, `${layer}.attention.self.query`, query);
    this.project(states, n, `${layer}.attention.self.key`, key);
    this.project(states, n, `${layer}.attention.self.value`, value);
    const [queries, keys, values, sums] = [query, key, value, mixed].map((place) => this.at(place, n * hidden));
    const width = hidden / heads;
    const weights = new Float32Array(n);
    sums.fill(0);
    for (let head = 0; head < hidden; head += width) {
      for (let row = 0; row < n; row++) {
        const from = row * hidden + head;
        for (let other = 0; other < n; other++) {
          let dot = 0;
          for (let i = 0, to = other * hidden + head; i < width; i++) dot += queries[from + i] * keys[to + i];
          weights[other] = dot / Math.sqrt(width);
        }
        softmax(weights);
        for (let other = 0; other < n; other++) {
          const to = other * hidden + head;
          for (let i = 0; i < width; i++) sums[from + i] += weights[other] * values[to + i];
        }
      }
    }
    this.project(mixed, n, `${layer}.attention.output.dense`, change);
  }

  /** The linear layer `name` of the n rows at place `from`, to place `to`. */
  project(from, n, name, to) {
    const { shape: [height, width], offset, scales } = this.tensors[`${name}.weight`];
    this.linear(from, n, width, offset, scales, this.tensors[`${name}.bias`].offset, height, to);
  }

  /** Layer normalisation of each row of `states`, (n, h), in place. */
  normalise(states, name) {
    const { hidden, epsilon } = this.header;
    const weight = this.floats(`${name}.weight`);
    const bias = this.floats(`${name}.bias`);
    for (let start = 0; start < states.length; start += hidden) {
      const row = states.subarray(start, start + hidden);
      let sum = 0;
      for (let i = 0; i < hidden; i++) sum += row[i];
      const mean = sum / hidden;
      let squares = 0;
      for (let i = 0; i < hidden; i++) squares += (row[i] - mean) ** 2;
      const deviation = Math.sqrt(squares / hidden + epsilon);
      for (let i = 0; i < hidden; i++) row[i] = ((row[i] - mean) / deviation) * weight[i] + bias[i];
    }
  }

  /** The float32 tensor of this name. */
  floats(name) {
    const { shape, offset } = this.tensors[name];
    return this.at(offset, shape.reduce((product, side) => product * side));
  }

  /** `count` float32 numbers at a place in memory. */
  at(place, count) {
    return new Float32Array(this.memory, place, count);
  }
}

/** Add `change` to `states`, number by number. */
function add(states, change) {
  for (let i = 0; i < states.length; i++) states[i] += change[i];
}

/** Turn scores into shares that sum to one, in place. */
function softmax(scores) {
  let most = -Infinity;
  for (const score of scores) most = Math.max(most, score);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = Math.exp(scores[i] - most);
  for (let i = 0; i < scores.length; i++) scores[i] /= sum;
}

/** x P(X <= x) for a standard normal X, in place; erf after Abramowitz and Stegun (1964), 7.1.26: |error| < 1.5e-7. */
function gelu(values) {
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]) * Math.SQRT1_2;
    const t = 1 / (1 + 0.3275911 * size);
    const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    const erf = Math.sign(values[i]) * (1 - series * Math.exp(-size * size));
    values[i] *= 0.5 * (1 + erf);
  }
}

/** (n, width) -> (width) */
function sumOfRows(rows, width) {
  const sums = new Float32Array(width);
  for (let i = 0; i < rows.length; i++) sums[i % width] += rows[i];
  return sums;
}

/** The vector at length one. */
function unit(vector) {
  const length = Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
  return vector.map((number) => number / length);
}
