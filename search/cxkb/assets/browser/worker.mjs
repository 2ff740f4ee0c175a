/**
 * Search by meaning in a worker: opens the files, then answers `{id, question, count}` with `{id, answer}`.
 *
 * Says `{progress: {loaded, total}}` while it loads, in bytes, `{ready: true}` once, and what failed by its reason.
 */

import { openEngine } from "./engine.mjs";
import { openFiles } from "./files.mjs";

/** Of several tabs, one loads; the others then find everything in the cache. */
const LOCK = "cxkb-files";

let engine = null;

self.onmessage = async ({ data: { manifest, base, id, question, count } }) => {
  try {
    if (manifest) {
      engine = await alone(() => open(base, manifest));
      self.postMessage({ ready: true });
    } else {
      self.postMessage({ id, answer: engine.ask(question, count) });
    }
  } catch (error) {
    const failed = error.reason ?? (error.name === "QuestionError" ? "question" : "broken");
    if (failed === "broken") console.error("cxkb:", error);
    self.postMessage({ id, failed, detail: error.message });
  }
};

async function open(base, manifest) {
  const onProgress = (loaded, total) => self.postMessage({ progress: { loaded, total } });
  return openEngine(manifest, await openFiles(base, manifest, { onProgress }));
}

function alone(work) {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}
