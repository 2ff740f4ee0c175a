/** The files of the browser's search: `node --test files.test.mjs`, with SCRIPTS naming the folder of our JavaScript. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const { areKept, openFiles, openManifest } = await import(pathToFileURL(join(process.env.SCRIPTS, "files.mjs")));

const BASE = "https://example.org/kb/assets/cxkb/search/";

function packed(role, text) {
  const content = gzipSync(text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const file = { name: `${role}-${sha256.slice(0, 16)}.gz`, bytes: content.length, size: Buffer.byteLength(text), sha256 };
  return { role, content, file };
}

function manifestOf(...files) {
  return {
    format: 2,
    bytes: files.reduce((sum, { content }) => sum + content.length, 0),
    files: Object.fromEntries(files.map(({ role, file }) => [role, file])),
  };
}

const WORDS = packed("words", "words of the model");
const GLOSS = packed("gloss", "glosses");
const MANIFEST = manifestOf(WORDS, GLOSS);

/** A server of these files that notes what it is asked for. */
function serving(files, requests = []) {
  const contents = new Map(files.map(({ content, file }) => [BASE + file.name, content]));
  contents.set(`${BASE}manifest.json`, JSON.stringify(MANIFEST));
  const fetch = async (url) => {
    requests.push(url);
    return contents.has(url) ? new Response(contents.get(url)) : new Response("no such file", { status: 404 });
  };
  return { fetch, requests, contents };
}

/** A cache storage in memory; node has none. */
function memory({ isFull = false } = {}) {
  const kept = new Map();
  const cache = {
    match: async (url) => kept.get(url)?.clone(),
    put: async (url, response) => {
      if (isFull) throw new DOMException("no room", "QuotaExceededError");
      kept.set(url, response);
    },
    keys: async () => Array.from(kept.keys(), (url) => ({ url })),
    delete: async ({ url }) => kept.delete(url),
  };
  return { open: async () => cache, kept };
}

const text = (buffer) => new TextDecoder().decode(buffer);
const offline = async () => {
  throw new TypeError("Failed to fetch");
};
const failing = (reason) => ({ name: "SearchFilesError", reason });

test("a file comes decompressed, and its compressed bytes are counted", async () => {
  const counted = [];
  const onProgress = (...progress) => counted.push(progress);
  const { load } = await openFiles(BASE, MANIFEST, { fetch: serving([WORDS, GLOSS]).fetch, cache: null, onProgress });
  assert.equal(text(await load("words")), "words of the model");
  assert.equal(text(await load("gloss")), "glosses");
  assert.deepEqual(counted.at(-1), [MANIFEST.bytes, MANIFEST.bytes]);
});

test("a second visit asks the network for nothing, and is told all bytes at once", async () => {
  const cache = memory();
  const first = await openFiles(BASE, MANIFEST, { fetch: serving([WORDS, GLOSS]).fetch, cache });
  assert.equal(await areKept(BASE, MANIFEST, { cache }), false);
  await Promise.all(["words", "gloss"].map(first.load));
  await first.kept();
  assert.equal(await areKept(BASE, MANIFEST, { cache }), true);
  let loaded = 0;
  const { load } = await openFiles(BASE, MANIFEST, { fetch: offline, cache, onProgress: (bytes) => (loaded = bytes) });
  assert.equal(text(await load("words")), "words of the model");
  assert.equal(loaded, WORDS.content.length);
});

test("a missing file is named so, whether the server or the manifest lacks it", async () => {
  const { load } = await openFiles(BASE, MANIFEST, { fetch: serving([WORDS]).fetch, cache: null });
  await assert.rejects(load("gloss"), failing("missing"));
  await assert.rejects(load("vectors"), failing("missing"));
});

for (const [how, damage] of Object.entries({
  truncated: (content) => content.subarray(0, -1),
  flipped: (content) => content.map((byte, n) => (n === 12 ? byte ^ 1 : byte)),
  "followed by more": (content) => Buffer.concat([content, content]),
  "another file": () => gzipSync("words of another"),
  "a page that says sorry": () => "<h1>sorry</h1>",
})) {
  test(`a damaged file is refused and not kept: ${how}`, async () => {
    const { fetch, contents } = serving([WORDS]);
    contents.set(BASE + WORDS.file.name, damage(WORDS.content));
    const cache = memory();
    const { load, kept } = await openFiles(BASE, MANIFEST, { fetch, cache });
    await assert.rejects(load("words"), failing("damaged"));
    await kept();
    assert.equal(cache.kept.size, 0);
  });
}

test("a host may send what is compressed as compressed in transit only, and the browser undo it", async () => {
  const { fetch, contents } = serving([WORDS]);
  contents.set(BASE + WORDS.file.name, "words of the model");
  const cache = memory();
  const counted = [];
  const onProgress = (...progress) => counted.push(progress);
  const first = await openFiles(BASE, MANIFEST, { fetch, cache, onProgress });
  assert.equal(text(await first.load("words")), "words of the model");
  assert.ok(counted.every(([loaded, total]) => loaded <= total));
  await first.kept();
  const { load } = await openFiles(BASE, MANIFEST, { fetch: offline, cache });
  assert.equal(text(await load("words")), "words of the model");
  contents.set(BASE + WORDS.file.name, "words of the mode");
  const damaged = await openFiles(BASE, MANIFEST, { fetch, cache: null });
  await assert.rejects(damaged.load("words"), failing("damaged"));
});

test("a kept file that was damaged since is fetched again", async () => {
  const cache = memory();
  cache.kept.set(BASE + WORDS.file.name, new Response("rot"));
  const { fetch, requests } = serving([WORDS]);
  const { load, kept } = await openFiles(BASE, MANIFEST, { fetch, cache });
  assert.equal(text(await load("words")), "words of the model");
  assert.equal(requests.length, 1);
  await kept();
  assert.equal((await cache.kept.get(BASE + WORDS.file.name).arrayBuffer()).byteLength, WORDS.content.length);
});

test("without a connection it says so", async () => {
  const { load } = await openFiles(BASE, MANIFEST, { fetch: offline, cache: memory() });
  await assert.rejects(load("words"), failing("offline"));
  await assert.rejects(openManifest(BASE, { fetch: offline, cache: memory() }), failing("offline"));
});

test("a connection that breaks off in the middle is one that is not there", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(WORDS.content.subarray(0, 5));
      controller.error(new TypeError("network error"));
    },
  });
  const { load } = await openFiles(BASE, MANIFEST, { fetch: async () => new Response(broken), cache: null });
  await assert.rejects(load("words"), failing("offline"));
});

test("no room to keep anything does not stop the answer", async () => {
  const { load } = await openFiles(BASE, MANIFEST, { fetch: serving([WORDS]).fetch, cache: memory({ isFull: true }) });
  assert.equal(text(await load("words")), "words of the model");
});

test("a cache that cannot be opened does not stop the answer", async () => {
  const cache = { open: () => Promise.reject(new DOMException("private", "SecurityError")) };
  const { load } = await openFiles(BASE, MANIFEST, { fetch: serving([WORDS]).fetch, cache });
  assert.equal(text(await load("words")), "words of the model");
});

test("files of an older manifest go, those of another site of the same host stay", async () => {
  const cache = memory();
  const [older, other] = [`${BASE}words-0123456789abcdef.gz`, "https://example.org/other/words-0123456789abcdef.gz"];
  for (const url of [older, other, BASE + WORDS.file.name]) cache.kept.set(url, new Response(""));
  const { kept } = await openFiles(BASE, MANIFEST, { fetch: offline, cache });
  await kept();
  assert.deepEqual(Array.from(cache.kept.keys()), [other, BASE + WORDS.file.name]);
});

test("the manifest of the last visit serves without a connection", async () => {
  const cache = memory();
  assert.deepEqual(await openManifest(BASE, { fetch: serving([]).fetch, cache }), MANIFEST);
  await openFiles(BASE, MANIFEST, { fetch: offline, cache });
  assert.deepEqual(await openManifest(BASE, { fetch: offline, cache }), MANIFEST);
});

test("a manifest of another version is refused, and one that is none", async () => {
  const giving = (body) => ({ fetch: async () => new Response(body), cache: null });
  await assert.rejects(openManifest(BASE, giving('{"format": 3}')), failing("version"));
  await assert.rejects(openManifest(BASE, giving("null")), failing("version"));
  await assert.rejects(openManifest(BASE, giving("<h1>sorry</h1>")), failing("damaged"));
});
