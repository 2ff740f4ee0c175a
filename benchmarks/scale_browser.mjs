/** Opens the search of a built site and asks it: `node scale_browser.mjs SITE`, see scale_browser.py. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const scripts = join(process.argv[2], "assets/cxkb/browser");
const { openEngine } = await import(pathToFileURL(join(scripts, "engine.mjs")));
const { openFiles } = await import(pathToFileURL(join(scripts, "files.mjs")));

const base = pathToFileURL(join(process.argv[2], "assets/cxkb/search/"));
const manifest = JSON.parse(await readFile(new URL("manifest.json", base)));
const contents = new Map();
for (const { name } of Object.values(manifest.files)) contents.set(name, await readFile(new URL(name, base)));
const fetch = async (url) => new Response(contents.get(url.split("/").at(-1)));

const median = async (run) => {
  const taken = [];
  for (let turn = 0; turn <= 21; turn++) {
    const start = performance.now();
    await run();
    if (turn) taken.push(performance.now() - start); // the first has to be made ready
  }
  return taken.sort((one, other) => one - other)[10];
};

const start = performance.now();
const { load } = await openFiles(base, manifest, { fetch, cache: null });
const engine = await openEngine(manifest, load);
const open = performance.now() - start;
const QUESTION = "who owns the customer experience?";
const question = await median(() => engine.ask(QUESTION));
const encoding = await median(() => engine.encode(QUESTION));
const memory = process.memoryUsage().rss / 1e6;
const columns = [[open, 0, 9], [question, 0, 13], [encoding, 0, 16], [memory, 0, 11]];
console.log(columns.map(([number, digits, width]) => number.toFixed(digits).padStart(width)).join(" "));
