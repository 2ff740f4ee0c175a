/**
 * The page's end of search by meaning: one worker a tab, questions to it, answers from it.
 *
 * @typedef {import("./engine.mjs").Answer} Answer
 * @typedef {{loaded: number, total: number}} Progress  bytes
 * @typedef {{format: number, model: string | null, bytes: number, files: Record<string, {name: string}>}} Manifest
 */

/** The site's address, whichever page this is loaded by. */
export const SITE = new URL("../../../", import.meta.url).href;

const FILES = new URL("../search/", import.meta.url).href;

/** Caches: of the manifest, for a reader who is offline, and of the files, see files.mjs. */
const MANIFESTS = "cxkb-manifest";

/** Why search by meaning does not work here: a word of `SENTENCES` in words.mjs. */
export class Unavailable extends Error {
  /** @param {string} reason  @param {string} [detail] */
  constructor(reason, detail) {
    super(detail ?? reason);
    this.name = "Unavailable";
    this.reason = reason;
  }
}

/** @type {Promise<Worker> | null} */
let opening = null;
/** @type {Promise<Manifest> | null} */
let reading = null;
let last = 0;
let turn = Promise.resolve();
/** Question's number -> who waits for its answer. */
const asked = new Map();
const watchers = new Set();

/** Call `watcher` with the Progress of loading. */
export function watch(watcher) {
  watchers.add(watcher);
}

/**
 * Load everything, if that has not been done.
 *
 * @returns {Promise<Worker>}  or Unavailable
 */
export function open() {
  opening ??= start().catch((error) => {
    // Who is offline may be back later; nothing else mends itself, and 17 MB are not asked for again and again.
    if (error.reason === "offline") opening = reading = null;
    throw error;
  });
  return opening;
}

/**
 * The answer to a question. One is with the worker at a time, so those that went stale while they waited cost nothing.
 *
 * @param {string} question
 * @param {number} count  of hits
 * @param {AbortSignal} signal  aborted when the answer is no longer wanted
 * @returns {Promise<Answer>}  or Unavailable, or the signal's AbortError
 */
export async function ask(question, count, signal) {
  const worker = await open();
  const before = turn;
  let done;
  turn = new Promise((resolve) => (done = resolve));
  await before;
  try {
    signal.throwIfAborted();
    const id = ++last;
    const answer = await new Promise((resolve, reject) => {
      asked.set(id, { resolve, reject });
      worker.postMessage({ id, question, count });
    });
    signal.throwIfAborted();
    return answer;
  } finally {
    done();
  }
}

/** Bytes to be loaded before the first answer, and whether the reader should be asked before: see `isDear`. */
export async function cost() {
  const manifest = await readManifest();
  const isStored = await areStored(manifest);
  return { bytes: manifest.bytes, isStored, isMeaning: manifest.model !== null, ask: isDear() && !isStored && opening === null };
}

/** Whether the reader wishes to save data, or has a slow connection. */
function isDear() {
  const { saveData, effectiveType = "" } = navigator.connection ?? {};
  return Boolean(saveData) || /^(slow-2g|2g|3g)$/.test(effectiveType);
}

async function areStored({ format, files }) {
  try {
    const stored = await (await caches.open(`cxkb-${format}`)).keys();
    const names = new Set(stored.map(({ url }) => url.split("/").pop()));
    return Object.values(files).every(({ name }) => names.has(name));
  } catch {
    return false; // no cache in a private window
  }
}

/** @returns {Promise<Manifest>} */
function readManifest() {
  reading ??= fetchManifest();
  reading.catch(() => (reading = null));
  return reading;
}

async function fetchManifest() {
  const address = `${FILES}manifest.json`;
  const cache = await globalThis.caches?.open(MANIFESTS).catch(() => null);
  let response;
  try {
    response = await fetch(address, { cache: "no-cache" });
  } catch {
    response = await cache?.match(address);
    if (!response) throw new Unavailable("offline");
    return response.json();
  }
  if (!response.ok) throw new Unavailable("missing", `${address}: ${response.status}`);
  await cache?.put(address, response.clone()).catch(() => null); // storage full: it is for the next time only
  return response.json();
}

async function start() {
  const manifest = await readManifest();
  const worker = newWorker();
  await new Promise((resolve, reject) => {
    worker.onerror = (event) => {
      const failure = new Unavailable("blocked", event.message);
      reject(failure);
      for (const { reject: refuse } of asked.values()) refuse(failure);
      asked.clear();
    };
    worker.onmessage = ({ data }) => {
      if (data.progress) for (const watcher of watchers) watcher(data.progress);
      if (data.ready) resolve();
      if (data.failed && !data.id) {
        worker.terminate();
        reject(new Unavailable(data.failed, data.detail));
      }
      if (data.id) settle(data);
    };
    worker.postMessage({ manifest, base: FILES });
  });
  return worker;
}

function newWorker() {
  try {
    return new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
  } catch (error) {
    throw new Unavailable("blocked", String(error));
  }
}

function settle({ id, answer, failed, detail }) {
  const { resolve, reject } = asked.get(id) ?? {};
  asked.delete(id);
  if (failed) reject?.(new Unavailable(failed, detail));
  else resolve?.(answer);
}
