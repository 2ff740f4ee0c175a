/**
 * Tokens and vectors of texts, for pytest: `node encode.mjs ASSETS MODEL tokens|wasm|plain < texts > results`.
 *
 * ASSETS holds our JavaScript, MODEL the model by roles, uncompressed, as browser.py gives it. Texts come as one JSON list; out goes one JSON list
 * of token numbers, or of vectors.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [assets, model, wanted] = process.argv.slice(2);
const { openModel } = await import(pathToFileURL(join(assets, "encoder.mjs")));
const { compileMatmul, plainMatmul } = await import(pathToFileURL(join(assets, "matmul.mjs")));

const read = async (name) => new Uint8Array(await readFile(join(model, name)));
const header = JSON.parse(new TextDecoder().decode(await read("model")));
const names = ["words", "layers", "vocabulary"];
const pieces = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)])));
const openMatmul = wanted === "wasm" ? await compileMatmul(await readFile(join(assets, "matmul.wasm"))) : plainMatmul;
if (wanted === "wasm" && openMatmul === plainMatmul) throw new Error("matmul.wasm does not compile here");

const { encode, tokenize } = await openModel(header, pieces, openMatmul);
let input = "";
for await (const part of process.stdin.setEncoding("utf8")) input += part;
const results = [];
for (const text of JSON.parse(input)) results.push(wanted === "tokens" ? tokenize(text) : Array.from(await encode(text)));
process.stdout.write(JSON.stringify(results));
