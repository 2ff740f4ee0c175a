/**
 * The word table, (tokens, h): half the model, of which a question needs a few rows. They are decompressed by the block,
 * when a text first has a token of it.
 *
 * @typedef {{shape: number[], rows: number, blocks: number[]}} Blocks  `rows` in each block but the last; `blocks[b]` and
 *   `blocks[b + 1]` are where block b begins and ends, in bytes
 */

/**
 * @param {Blocks} tensor
 * @param {Uint8Array} bytes
 * @returns {(ids: number[]) => Promise<Int8Array[]>}  the rows of these tokens, (h) each, in whole steps
 */
export function openTable({ shape: [, width], rows, blocks }, bytes) {
  const opened = new Map();
  const open = (block) => {
    if (!opened.has(block)) opened.set(block, inflate(bytes.subarray(blocks[block], blocks[block + 1])));
    return opened.get(block);
  };
  const row = async (id) => {
    const block = await open(Math.floor(id / rows));
    const start = (id % rows) * width;
    return block.subarray(start, start + width);
  };
  return (ids) => Promise.all(ids.map(row));
}

/** What is in these bytes, which have the format of RFC 1950. @param {Uint8Array} bytes  @returns {Promise<Int8Array>} */
async function inflate(bytes) {
  const content = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Int8Array(await new Response(content).arrayBuffer());
}
