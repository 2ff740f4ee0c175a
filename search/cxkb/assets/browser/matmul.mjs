/**
 * Linear layers over weights in signed bytes: by WebAssembly's vector instructions, or in plain JavaScript where those
 * are missing. Both work in one block of memory and take places in it, so the encoder need not know which it has.
 *
 * @callback Linear  y = x W^T * scales + bias; all places are byte offsets in the memory
 * @param {number} x  (rows, width) float32, with room for a multiple of four rows, as y
 * @param {number} rows
 * @param {number} width  a multiple of eight
 * @param {number} weights  (height, width) int8
 * @param {number} scales  (height) float32
 * @param {number} bias  (height) float32
 * @param {number} height
 * @param {number} y  (rows, height) float32
 * @returns {void}
 *
 * @typedef {object} Matmul
 * @property {ArrayBuffer} memory
 * @property {Linear} linear
 *
 * @callback OpenMatmul
 * @param {number} size  bytes of memory
 * @returns {Matmul}
 */

const PAGE = 65_536;

/**
 * The fastest that this browser can do.
 *
 * @param {BufferSource | null} binary  matmul.wasm; null where there is none
 * @returns {Promise<OpenMatmul>}
 */
export async function compileMatmul(binary) {
  try {
    const module = await WebAssembly.compile(binary);
    return (size) => vectorMatmul(module, size);
  } catch (error) {
    // No WebAssembly, none with vector instructions, none allowed by a policy, or no binary: the same numbers, later.
    console.info(`cxkb: computing without WebAssembly (${error})`);
    return plainMatmul;
  }
}

/** @param {WebAssembly.Module} module  @param {number} size  @returns {Matmul} */
function vectorMatmul(module, size) {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / PAGE) });
  const { linear } = new WebAssembly.Instance(module, { cxkb: { memory } }).exports;
  return { memory: memory.buffer, linear };
}

/** @type {OpenMatmul} */
export function plainMatmul(size) {
  const memory = new ArrayBuffer(Math.ceil(size / PAGE) * PAGE);
  const floats = new Float32Array(memory);
  const bytes = new Int8Array(memory);
  return {
    memory,
    linear(x, rows, width, weights, scales, bias, height, y) {
      // Four rows at a time, as in matmul.wat: a weight that is read once serves four products.
      for (let n = 0; n < height; n++) {
        const scale = floats[scales / 4 + n];
        const shift = floats[bias / 4 + n];
        const start = weights + n * width;
        for (let row = 0; row < rows; row += 4) {
          let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
          for (let i = x / 4 + row * width, w = start; w < start + width; i++, w++) {
            const weight = bytes[w];
            sum0 += floats[i] * weight;
            sum1 += floats[i + width] * weight;
            sum2 += floats[i + 2 * width] * weight;
            sum3 += floats[i + 3 * width] * weight;
          }
          const out = y / 4 + row * height + n;
          floats[out] = sum0 * scale + shift;
          floats[out + height] = sum1 * scale + shift;
          floats[out + 2 * height] = sum2 * scale + shift;
          floats[out + 3 * height] = sum3 * scale + shift;
        }
      }
    },
  };
}
