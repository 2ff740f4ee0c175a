/**
 * Answers of the browser's engine, for pytest: `node ask.mjs SITE < questions > answers`.
 *
 * SITE is a built site. Questions come as one JSON list, answers go out as one; a question that cannot be asked gives
 * {"error": …}.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [site, count] = process.argv.slice(2);
const scripts = join(site, "assets/cxkb/browser");
const { openEngine } = await import(pathToFileURL(join(scripts, "engine.mjs")));
const { openFiles } = await import(pathToFileURL(join(scripts, "files.mjs")));

const base = pathToFileURL(join(site, "assets/cxkb/search/"));
const fetch = async (url) => new Response(await readFile(new URL(url)));
const manifest = JSON.parse(await readFile(new URL("manifest.json", base)));
const { load } = await openFiles(base, manifest, { fetch, cache: null });
const engine = await openEngine(manifest, load);

let input = "";
for await (const part of process.stdin.setEncoding("utf8")) input += part;
const answer = async (question) => {
  try {
    return await engine.ask(question, Number(count ?? 5));
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
};
const answers = [];
for (const question of JSON.parse(input)) answers.push(await answer(question));
process.stdout.write(JSON.stringify(answers));
