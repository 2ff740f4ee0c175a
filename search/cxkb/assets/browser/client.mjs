/**
 * The page's end of search by meaning: one worker a tab that answers, and for a while one that loads its files.
 *
 * @typedef {import("./engine.mjs").Answer} Answer
 * @typedef {{loaded: number, total: number}} Progress  bytes
 * @typedef {import("./files.mjs").Manifest} Manifest
 */

import { areKept, openManifest } from "./files.mjs";

/** The site's address, whichever page this is loaded by. */
export const SITE = new URL("../../../", import.meta.url).href;

const FILES = new URL("../search/", import.meta.url).href;

/** Why search by meaning does not work here: a word of `SENTENCES` in words.mjs. */
export class Unavailable extends Error {
  /** @param {string} reason  @param {string} [detail] */
  constructor(reason, detail) {
    super(detail ?? reason);
    this.name = "Unavailable";
    this.reason = reason;
  }
}

/** @type {{worker: Worker, loader: Worker, ready: Promise<void>} | null} */
let started = null;
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
    // Who is offline may be back later; nothing else mends itself, and megabytes are not asked for again and again.
    if (error.reason === "offline") opening = null;
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

/**
 * What the first answer costs.
 *
 * @returns {Promise<{bytes: number, isKept: boolean, isDear: boolean, isByMeaning: boolean}>}  bytes to load; whether
 *   they are here from an earlier visit; whether the reader wishes to be asked before; whether the site has a model at
 *   all; or Unavailable
 */
export async function cost() {
  startWorkers(); // their scripts come meanwhile
  const manifest = await readManifest();
  if (!wishesToBeAsked()) open().catch(() => {}); // whoever waits for it will say what failed
  const isKept = await areKept(FILES, manifest);
  return { bytes: manifest.bytes, isKept, isDear: !isKept && opening === null && wishesToBeAsked(), isByMeaning: manifest.model !== null };
}

/** Whether the reader wishes to save data, or has a slow connection. */
function wishesToBeAsked() {
  const { saveData, effectiveType = "" } = navigator.connection ?? {};
  return Boolean(saveData) || /^(slow-2g|2g|3g)$/.test(effectiveType);
}

/** @returns {Promise<Manifest>} */
function readManifest() {
  reading ??= openManifest(FILES).catch((error) => {
    reading = null;
    throw error;
  });
  return reading;
}

async function start() {
  const manifest = await readManifest();
  const { worker, loader, ready } = startWorkers();
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ manifest, port: port1 }, [port1]);
  loader.postMessage({ manifest, base: FILES, port: port2 }, [port2]);
  await ready;
  return worker;
}

/** The workers, and when the one can be asked; they load nothing but their scripts until they get the manifest. */
function startWorkers() {
  started ??= newWorkers();
  return started;
}

function newWorkers() {
  const [loader, worker] = ["./loader.mjs", "./worker.mjs"].map(makeWorker);
  const ready = new Promise((resolve, reject) => {
    const stop = (failure) => {
      for (const { reject: refuse } of asked.values()) refuse(failure);
      asked.clear();
      reject(failure);
    };
    worker.onerror = loader.onerror = (event) => stop(new Unavailable("blocked", event.message));
    worker.onmessage = loader.onmessage = ({ data }) => {
      if (data.progress) for (const watcher of watchers) watcher(data.progress);
      if (data.ready) resolve();
      if (data.failed && !data.id) {
        for (const each of [worker, loader]) each.terminate();
        started = null;
        stop(new Unavailable(data.failed, data.detail));
      }
      if (data.id) settle(data);
    };
  });
  ready.catch(() => {}); // it may fail before anybody waits for it
  return { worker, loader, ready };
}

/** @param {string} name */
function makeWorker(name) {
  try {
    return new Worker(new URL(name, import.meta.url), { type: "module" });
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
