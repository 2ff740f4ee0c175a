/**
 * Parts of the browser's engine, for pytest: `node parts.mjs SCRIPTS words|gloss|order|shown SETTINGS < cases > results`.
 *
 * SCRIPTS holds our JavaScript, SETTINGS is a file of what browser.py writes for the part. Cases come as one JSON list,
 * results go out as one.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [scripts, part, settingsFile] = process.argv.slice(2);
const open = (name) => import(pathToFileURL(join(scripts, name)));
const { openLexical, runs } = await open("lexical.mjs");
const { openGloss } = await open("gloss.mjs");
const rank = await open("rank.mjs");
const settings = JSON.parse(await readFile(settingsFile));

const parts = {
  words: () => {
    const { words } = openLexical(settings);
    return (text) => [words(text), words(text).flatMap((word) => runs(word, settings.run))];
  },
  gloss: () => openGloss(settings),
  order: () => (given) => {
    const near = given.passages.map(([, , cosine], row) => [row, cosine]);
    const letters = { names: {}, text: {}, ...given.letters };
    const evidence = {
      near,
      nearest: rank.nearest(near, (row) => given.passages[row]),
      letters: { names: new Map(Object.entries(letters.names)), text: new Map(Object.entries(letters.text)) },
      outside: given.outside ?? -1,
      outsideLetters: given.outside_letters ?? 0,
      words: given.words ?? 0,
    };
    const scored = rank.scorePages(evidence, settings.weights);
    const features = rank.features(scored, evidence, settings.density);
    return {
      pages: scored.map(({ page }) => page),
      scores: scored.map(({ score }) => score),
      features,
      confidence: rank.confidence(features, settings.weights),
    };
  },
  shown: () => (given) => {
    const passages = given.passages.map(([role, location, text]) => ({ role, location, text }));
    const { passage, sentence } = rank.shown(passages, given.passages.map(([, , , cosine]) => cosine));
    return { text: passage.text, sentence };
  },
};

let input = "";
for await (const piece of process.stdin.setEncoding("utf8")) input += piece;
process.stdout.write(JSON.stringify(JSON.parse(input).map(parts[part]())));
